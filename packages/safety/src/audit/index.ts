export { type AuditLine, type AuditSink, type AuditVerdict, auditLogger } from './line.js'
