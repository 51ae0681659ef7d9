-- What the statements of sql_allow.tsv and sql_refuse.tsv name. Loaded into a new, empty schema `shop`.
CREATE TABLE customers (
    id BIGINT UNSIGNED PRIMARY KEY,
    email VARCHAR(100) NOT NULL,
    name VARCHAR(100) NOT NULL,
    country CHAR(2) NOT NULL,
    parent_id BIGINT UNSIGNED NULL,
    created_at DATETIME(3) NOT NULL,
    UNIQUE KEY email (email),
    KEY country (country)
);
CREATE TABLE products (
    id BIGINT UNSIGNED PRIMARY KEY,
    sku VARCHAR(40) NOT NULL,
    title VARCHAR(200) NOT NULL,
    price DECIMAL(10, 2) NOT NULL,
    attributes JSON NULL,
    place POINT NULL,
    picture VARBINARY(64) NULL,
    updated_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    UNIQUE KEY sku (sku),
    FULLTEXT KEY title (title)
);
CREATE TABLE orders (
    id BIGINT UNSIGNED PRIMARY KEY,
    customer_id BIGINT UNSIGNED NOT NULL,
    status VARCHAR(20) NOT NULL,
    total DECIMAL(10, 2) NOT NULL,
    created_at DATETIME(3) NOT NULL,
    KEY customer (customer_id, created_at),
    KEY status (status)
) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TABLE order_items (
    order_id BIGINT UNSIGNED NOT NULL,
    product_id BIGINT UNSIGNED NOT NULL,
    quantity INT NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
-- Names that are keywords, or nearly.
CREATE TABLE `update` (
    id INT PRIMARY KEY,
    `into` INT, `select` INT, `lock` INT, `procedure` INT, `for` INT, `set` INT, `sleep` INT, `odd``name` INT,
    value INT, handler INT, truncate INT, commit INT, status INT, `2fa` INT
);
CREATE TABLE prices (id INT PRIMARY KEY, price DECIMAL(10, 2)) WITH SYSTEM VERSIONING;
CREATE TABLE packed (note VARCHAR(100)) ROW_FORMAT = COMPRESSED;
CREATE TABLE seen (x INT);
CREATE VIEW open_orders AS SELECT id, customer_id, total FROM orders WHERE status = 'open';
CREATE SEQUENCE invoice_numbers;
CREATE TABLE numbered (id INT PRIMARY KEY, number INT DEFAULT (NEXT VALUE FOR invoice_numbers));
CREATE FUNCTION add_one(x INT) RETURNS INT DETERMINISTIC RETURN x + 1;
DELIMITER //
CREATE FUNCTION note_it(x INT) RETURNS INT MODIFIES SQL DATA
BEGIN
    INSERT INTO seen VALUES (x);
    RETURN x;
END //
CREATE FUNCTION sql_no_cache(x INT) RETURNS INT MODIFIES SQL DATA
BEGIN
    INSERT INTO seen VALUES (x);
    RETURN x;
END //
DELIMITER ;
CREATE PROCEDURE close_all() UPDATE orders SET status = 'closed';
CREATE TRIGGER keep_price BEFORE UPDATE ON products FOR EACH ROW SET NEW.updated_at = CURRENT_TIMESTAMP(6);
CREATE EVENT tidy ON SCHEDULE EVERY 1 YEAR DISABLE DO DELETE FROM orders WHERE id = 0;

INSERT INTO customers VALUES
    (1, 'ada@example.com', 'Ada', 'GB', NULL, '2026-01-02 03:04:05.678'),
    (2, 'bob@example.com', 'Bob', 'DE', 1, '2026-02-03 04:05:06.789');
INSERT INTO products VALUES
    (7, 'MUG-1', 'a blue mug', 12.50, '{"colour": "blue", "sizes": [1, 2]}', ST_GeomFromText('POINT(1 2)'), X'0102', '2026-03-04 05:06:07.123456'),
    (8, 'MUG-2', 'a red mug', 13.50, '{"colour": "red", "sizes": [3]}', ST_GeomFromText('POINT(3 4)'), NULL, '2026-03-04 05:06:08.123456');
INSERT INTO orders VALUES
    (100, 1, 'open', 25.00, '2026-11-22 14:02:03.100'),
    (1001, 2, 'paid', 13.50, '2026-11-22 14:05:00.000');
INSERT INTO order_items VALUES (100, 7, 2), (1001, 8, 1);
INSERT INTO `update` VALUES (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
INSERT INTO prices VALUES (1, 9.99);
INSERT INTO numbered VALUES (1, 1);
INSERT INTO packed VALUES ('kept small');
