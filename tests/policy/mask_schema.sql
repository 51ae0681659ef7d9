-- What the statements of mask_refuse.tsv and mask_allow.tsv name, besides schema.sql.
CREATE TABLE users (
    id BIGINT UNSIGNED PRIMARY KEY,
    login VARCHAR(60) NOT NULL,
    password VARCHAR(80) NULL,
    api_key VARCHAR(80) NULL,
    pin INT NULL,
    card_number VARCHAR(20) NULL,
    password_start CHAR(3) AS (LEFT(password, 3)) VIRTUAL,
    profile JSON NULL,
    note VARCHAR(200) NULL,
    created_at DATETIME NOT NULL,
    KEY password (password)
);
CREATE TABLE sessions (
    id BIGINT UNSIGNED PRIMARY KEY,
    user_id BIGINT UNSIGNED NOT NULL,
    token VARCHAR(80) NOT NULL,
    api_key VARCHAR(80) NULL,
    token_expires_at DATETIME NOT NULL
);
CREATE TABLE agents (
    id INT PRIMARY KEY,
    clé_secret VARCHAR(40) NOT NULL,
    nom VARCHAR(40) NOT NULL
);
CREATE VIEW logins AS SELECT id, login, created_at FROM users;
CREATE VIEW open_secrets AS SELECT id, password AS note FROM users;
CREATE VIEW nested_secrets AS SELECT id, note AS remark FROM open_secrets;
CREATE VIEW filtered_users AS SELECT id, login FROM users WHERE password LIKE 'a%';
-- Views that do what no statement may.
CREATE VIEW locking AS SELECT GET_LOCK('job', 0) AS got;
CREATE VIEW noting AS SELECT note_it(id) AS noted FROM orders;
CREATE VIEW drawing AS SELECT NEXT VALUE FOR invoice_numbers AS number;
CREATE VIEW opening AS SELECT LOAD_FILE('/etc/hostname') AS content;
CREATE VIEW server_accounts AS SELECT User, authentication_string AS note FROM mysql.user;
CREATE VIEW nested_locking AS SELECT got FROM locking;
INSERT INTO users (id, login, password, api_key, pin, card_number, profile, note, created_at) VALUES
    (1, 'ada', 'raw-hunter2-ada', 'raw-key-ada', 493817, '4111-1111-1111-1111',
     '{"theme": "dark", "password": "raw-json-ada", "nested": {"apiKey": "raw-nested-ada"}}',
     'paid with 5555555555554444', '2026-01-02 03:04:05'),
    (2, 'bob', 'raw-hunter2-bob', NULL, 493817, NULL, '{"theme": "light"}', 'plain', '2026-02-03 04:05:06');
INSERT INTO agents VALUES (1, 'raw-geheim-ada', 'Ada');
INSERT INTO sessions VALUES
    (1, 1, 'raw-hunter2-ada', 'raw-key-ada', '2026-12-01 00:00:00'),
    (2, 2, 'raw-token-bob', NULL, '2026-12-02 00:00:00');
