-- What a statement may leave behind in its session or its server. prove asks it before and after each statement that it
-- expects to change something, on the same connection; quotes and comments are such that every sql_mode reads them.
SELECT CONCAT_WS('=', 'session', VARIABLE_NAME, VARIABLE_VALUE) FROM information_schema.SESSION_VARIABLES
WHERE VARIABLE_NAME NOT IN ('TIMESTAMP', 'RAND_SEED1', 'RAND_SEED2', 'WARNING_COUNT', 'ERROR_COUNT', 'LAST_GTID',
    'INSERT_ID', 'IN_TRANSACTION') AND VARIABLE_NAME NOT LIKE 'GTID%'
UNION ALL SELECT CONCAT_WS('=', 'global', VARIABLE_NAME, VARIABLE_VALUE) FROM information_schema.GLOBAL_VARIABLES
WHERE VARIABLE_NAME NOT IN ('TIMESTAMP') AND VARIABLE_NAME NOT LIKE 'GTID%'
UNION ALL SELECT CONCAT_WS('=', 'variable', VARIABLE_NAME, VARIABLE_VALUE) FROM information_schema.USER_VARIABLES
UNION ALL SELECT CONCAT_WS('=', 'status', VARIABLE_NAME, VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS
WHERE VARIABLE_NAME = 'PREPARED_STMT_COUNT'
UNION ALL SELECT CONCAT_WS('=', 'schema', DATABASE())
UNION ALL SELECT CONCAT_WS('=', 'role', CURRENT_ROLE())
UNION ALL SELECT CONCAT('counters', IF(SUM(compress_ops) > 0, '=counting', '=reset')) FROM information_schema.INNODB_CMP
UNION ALL SELECT CONCAT_WS('=', 'transaction', @@in_transaction)
