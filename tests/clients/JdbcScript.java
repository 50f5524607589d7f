import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.sql.Array;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.Date;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.copy.CopyManager;
import org.postgresql.util.PGobject;
import org.postgresql.util.PSQLException;

/**
 * What PostgreSQL's JDBC driver is asked to do by jdbc_test.ts: prints a line a
 * fact. Ran on PostgreSQL 15, it prints the same.
 */
public class JdbcScript {
  static final String URL = System.getenv("JDBC_URL");

  public static void main(String[] arguments) throws Exception {
    Map<String, Work> all = new LinkedHashMap<>();
    all.put("types", JdbcScript::types);
    all.put("batches", JdbcScript::batches);
    all.put("generatedKeys", JdbcScript::generatedKeys);
    all.put("arrays", JdbcScript::arrays);
    all.put("transactions", JdbcScript::transactions);
    all.put("errors", JdbcScript::errors);
    all.put("cursors", JdbcScript::cursors);
    all.put("copies", JdbcScript::copies);
    all.put("notifications", JdbcScript::notifications);
    all.put("cancels", JdbcScript::cancels);
    all.put("metadata", JdbcScript::metadata);
    all.put("resultSets", JdbcScript::resultSets);
    try (Connection connection = connect()) {
      for (var each : all.entrySet()) {
        try {
          each.getValue().with(connection);
        } catch (SQLException error) {
          say(each.getKey() + " failed", error.toString());
          connection.setAutoCommit(true);
        }
      }
    }
  }

  interface Work {
    void with(Connection connection) throws Exception;
  }

  static Connection connect(String... settings) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", System.getenv("PGUSER"));
    String password = System.getenv("PGPASSWORD");
    if (password != null) properties.setProperty("password", password);
    // Binary from the second execution on.
    properties.setProperty("prepareThreshold", "2");
    for (int i = 0; i < settings.length; i += 2) {
      properties.setProperty(settings[i], settings[i + 1]);
    }
    return DriverManager.getConnection(URL, properties);
  }

  static void say(String what, Object... facts) {
    System.out.println(what + " " + Arrays.deepToString(facts));
  }

  static void execute(Connection connection, String... texts)
    throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String text : texts) statement.execute(text);
    }
  }

  static List<String> rows(ResultSet rows) throws SQLException {
    List<String> all = new ArrayList<>();
    int count = rows.getMetaData().getColumnCount();
    while (rows.next()) {
      List<String> row = new ArrayList<>();
      for (int i = 1; i <= count; i++) row.add(rows.getString(i));
      all.add(String.join("|", row.stream().map(String::valueOf).toList()));
    }
    rows.close();
    return all;
  }

  static List<String> query(Connection connection, String text)
    throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return rows(statement.executeQuery(text));
    }
  }

  /** Every type that the driver knows, in text, then in binary. */
  static void types(Connection connection) throws SQLException {
    execute(
      connection,
      "CREATE TABLE kinds (id int PRIMARY KEY, s smallint, l bigint, r real,"
        + " d double precision, n numeric(12, 2), b boolean, t text,"
        + " v varchar(10), c char(3), y bytea, day date, clock time,"
        + " at timestamp, atz timestamptz, u uuid, j jsonb, m interval)"
    );
    String insert =
      "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::interval)";
    try (PreparedStatement statement = connection.prepareStatement(insert)) {
      for (int id = 1; id <= 4; id++) {
        PGobject json = new PGobject();
        json.setType("jsonb");
        json.setValue("{\"a\": [1, null]}");
        statement.setInt(1, id);
        statement.setShort(2, (short) -7);
        statement.setLong(3, 9007199254740993L);
        statement.setFloat(4, 1.5f);
        statement.setDouble(5, -0.1);
        statement.setBigDecimal(6, new BigDecimal("12345.60"));
        statement.setBoolean(7, true);
        statement.setString(8, "Größe 🙂");
        statement.setString(9, "v");
        statement.setString(10, "c");
        statement.setBytes(11, new byte[] {0, -1, 92});
        statement.setObject(12, LocalDate.of(2024, 2, 29));
        statement.setObject(13, LocalTime.of(13, 14, 15, 160_000));
        statement.setObject(14, LocalDateTime.of(1969, 12, 31, 23, 59, 59));
        statement.setObject(
          15,
          OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 4000, ZoneOffset.ofHours(2))
        );
        statement.setObject(
          16,
          UUID.fromString("00112233-4455-6677-8899-aabbccddeeff")
        );
        statement.setObject(17, json);
        statement.setString(18, "1 mon 2 days 03:04:05");
        say("inserted", statement.executeUpdate());
      }
    }
    try (
      PreparedStatement statement = connection.prepareStatement(
        "SELECT * FROM kinds WHERE id = ?"
      )
    ) {
      for (int id = 1; id <= 4; id++) {
        statement.setInt(1, id);
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          say(
            "kinds",
            row.getInt("id"),
            row.getShort("s"),
            row.getLong("l"),
            row.getFloat("r"),
            row.getDouble("d"),
            row.getBigDecimal("n"),
            row.getBoolean("b"),
            row.getString("t"),
            row.getString("v"),
            row.getString("c"),
            row.getBytes("y"),
            row.getObject("day", LocalDate.class),
            row.getObject("clock", LocalTime.class),
            row.getObject("at", LocalDateTime.class),
            row.getObject("atz", OffsetDateTime.class).toInstant(),
            row.getObject("u"),
            row.getObject("j"),
            row.getObject("m")
          );
        }
      }
    }
    try (
      PreparedStatement statement = connection.prepareStatement(
        "SELECT ?::int, ?::text, ?::timestamptz, ?::numeric"
      )
    ) {
      for (int i = 0; i < 3; i++) {
        statement.setNull(1, Types.INTEGER);
        statement.setNull(2, Types.VARCHAR);
        statement.setNull(3, Types.TIMESTAMP_WITH_TIMEZONE);
        statement.setObject(4, null);
        say("nulls", rows(statement.executeQuery()));
      }
      say("parameters", statement.getParameterMetaData().getParameterTypeName(3));
    }
  }

  static void batches(Connection connection) throws SQLException {
    execute(connection, "CREATE TABLE batch (id int PRIMARY KEY, name text)");
    String insert = "INSERT INTO batch VALUES (?, ?)";
    for (String rewrite : List.of("false", "true")) {
      try (
        Connection own = connect("reWriteBatchedInserts", rewrite);
        PreparedStatement statement = own.prepareStatement(insert)
      ) {
        execute(own, "TRUNCATE batch");
        for (int i = 0; i < 500; i++) {
          statement.setInt(1, i);
          statement.setString(2, "n " + i);
          statement.addBatch();
        }
        int[] counts = statement.executeBatch();
        say("batch", counts.length, counts[0], counts[499]);
        say("batched", query(own, "SELECT count(*), sum(id) FROM batch"));
        for (int id : new int[] {1000, 3, 1001}) {
          statement.setInt(1, id);
          statement.setString(2, "again");
          statement.addBatch();
        }
        try {
          statement.executeBatch();
        } catch (BatchUpdateException error) {
          say("batch refused", error.getSQLState());
        }
        say("nothing of it", query(own, "SELECT count(*) FROM batch WHERE id >= 1000"));
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.addBatch("UPDATE batch SET name = 'x' WHERE id < 10");
      statement.addBatch("DELETE FROM batch WHERE id < 5");
      say("statements", statement.executeBatch());
    }
  }

  static void generatedKeys(Connection connection) throws SQLException {
    execute(
      connection,
      "CREATE TABLE keyed (id serial PRIMARY KEY, at int GENERATED ALWAYS AS IDENTITY, name text DEFAULT 'none')"
    );
    String insert = "INSERT INTO keyed (name) VALUES (?)";
    try (
      PreparedStatement statement = connection.prepareStatement(
        insert,
        Statement.RETURN_GENERATED_KEYS
      )
    ) {
      statement.setString(1, "one");
      statement.executeUpdate();
      say("keys", rows(statement.getGeneratedKeys()));
      for (String name : List.of("two", "three")) {
        statement.setString(1, name);
        statement.addBatch();
      }
      statement.executeBatch();
      say("keys of a batch", rows(statement.getGeneratedKeys()));
    }
    try (
      PreparedStatement statement = connection.prepareStatement(
        insert,
        new String[] {"id", "at"}
      )
    ) {
      statement.setString(1, "four");
      statement.executeUpdate();
      say("named keys", rows(statement.getGeneratedKeys()));
    }
  }

  static void arrays(Connection connection) throws SQLException {
    Array numbers = connection.createArrayOf(
      "int4",
      new Integer[] {1, null, 3}
    );
    Array texts = connection.createArrayOf(
      "text",
      new String[] {"a", "b \"c\"", null, "NULL", "{}"}
    );
    try (
      PreparedStatement statement = connection.prepareStatement(
        "SELECT ?::int[], ?::text[], array_length(?::int[], 1), ARRAY[[1, 2], [3, 4]], ARRAY[1.5, 2.5]::float8[], ARRAY['2024-02-29'::date]"
      )
    ) {
      for (int i = 0; i < 4; i++) {
        statement.setArray(1, numbers);
        statement.setArray(2, texts);
        statement.setObject(3, new int[] {4, 5});
        try (ResultSet row = statement.executeQuery()) {
          row.next();
          say(
            "arrays",
            row.getArray(1).getArray(),
            row.getArray(2).getArray(),
            row.getInt(3),
            row.getArray(4).getArray(),
            row.getArray(5).getArray(),
            row.getArray(6).getArray(),
            row.getArray(1).getBaseTypeName()
          );
        }
      }
    }
    try (
      PreparedStatement statement = connection.prepareStatement(
        "SELECT count(*) FROM batch WHERE id = ANY (?)"
      )
    ) {
      statement.setArray(
        1,
        connection.createArrayOf("int4", new Integer[] {7, 8, 9999})
      );
      say("any", rows(statement.executeQuery()));
    }
  }

  static void transactions(Connection connection) throws SQLException {
    execute(connection, "CREATE TABLE money (id int PRIMARY KEY, n int)");
    connection.setAutoCommit(false);
    execute(connection, "INSERT INTO money VALUES (1, 10)");
    Savepoint mark = connection.setSavepoint("mark");
    execute(connection, "UPDATE money SET n = 20");
    connection.rollback(mark);
    connection.releaseSavepoint(mark);
    connection.commit();
    say("committed", query(connection, "TABLE money"));
    execute(connection, "UPDATE money SET n = 30");
    try (Connection other = connect()) {
      say("not seen", query(other, "TABLE money"));
    }
    connection.rollback();
    say("rolled back", query(connection, "TABLE money"));
    connection.commit();
    connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
    say("isolation", query(connection, "SHOW transaction_isolation"));
    connection.commit();
    connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    connection.setReadOnly(true);
    try {
      execute(connection, "DELETE FROM money");
    } catch (SQLException error) {
      say("read only", error.getSQLState());
    }
    connection.rollback();
    connection.setReadOnly(false);
    connection.setAutoCommit(true);
    connection.setSchema("pg_catalog");
    say("schema", connection.getSchema(), connection.getCatalog());
    connection.setSchema("public");
    connection.setClientInfo("ApplicationName", "a test");
    say("named", query(connection, "SHOW application_name"));
    say("valid", connection.isValid(5));
  }

  static void errors(Connection connection) throws SQLException {
    execute(
      connection,
      "CREATE TABLE strict (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0), m int REFERENCES money)"
    );
    for (
      String text : List.of(
        "INSERT INTO strict VALUES (1, NULL, 1)",
        "INSERT INTO strict VALUES (1, 0, 1)",
        "INSERT INTO strict VALUES (1, 1, 99)",
        "SELECT nothing FROM strict",
        "SELECT 1 / 0",
        "SELEC 1"
      )
    ) {
      try {
        execute(connection, text);
      } catch (PSQLException error) {
        var fields = error.getServerErrorMessage();
        say(
          "error",
          error.getSQLState(),
          fields.getMessage(),
          fields.getTable(),
          fields.getColumn(),
          fields.getConstraint(),
          fields.getPosition()
        );
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS never_was");
      say("warning", statement.getWarnings().getMessage());
    }
  }

  /** Rows of a query in portions, forth and back. */
  static void cursors(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (
      PreparedStatement statement = connection.prepareStatement(
        "SELECT i, 'row ' || i FROM generate_series(1, ?) i"
      )
    ) {
      for (int size : new int[] {7, 100, 5000}) {
        statement.setFetchSize(size);
        statement.setInt(1, 2500);
        long sum = 0;
        int count = 0;
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            sum += rows.getInt(1);
            count++;
          }
        }
        say("fetched", size, count, sum);
      }
      statement.setFetchSize(10);
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        say("left early", rows.getString(2));
      }
      statement.setMaxRows(5);
      say("at most", rows(statement.executeQuery()).size());
    }
    connection.commit();
    connection.setAutoCommit(true);
    try (
      Statement statement = connection.createStatement(
        ResultSet.TYPE_SCROLL_INSENSITIVE,
        ResultSet.CONCUR_READ_ONLY
      );
      ResultSet rows = statement.executeQuery("SELECT i FROM generate_series(1, 20) i")
    ) {
      rows.last();
      int last = rows.getRow();
      rows.absolute(4);
      say("scrolled", last, rows.getInt(1), rows.previous(), rows.getInt(1));
    }
    execute(
      connection,
      "CREATE FUNCTION add_up(a int, b int) RETURNS int LANGUAGE sql AS 'SELECT a + b'",
      "CREATE PROCEDURE double_it(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := n * 2; END $$"
    );
    try (var call = connection.prepareCall("{ ? = call add_up(?, ?) }")) {
      call.registerOutParameter(1, Types.INTEGER);
      call.setInt(2, 20);
      call.setInt(3, 22);
      call.execute();
      say("function", call.getInt(1));
    }
    try (var call = connection.prepareCall("call double_it(?)")) {
      call.registerOutParameter(1, Types.INTEGER);
      call.setInt(1, 21);
      call.execute();
      say("procedure", call.getInt(1));
    }
  }

  static void copies(Connection connection) throws Exception {
    execute(connection, "CREATE TABLE copied (id int, name text)");
    CopyManager manager = connection.unwrap(PGConnection.class).getCopyAPI();
    say(
      "copied in",
      manager.copyIn(
        "COPY copied FROM STDIN (FORMAT csv)",
        new StringReader("1,one\n2,\"t\nwo\"\n3,\n")
      )
    );
    StringWriter text = new StringWriter();
    say("copied out", manager.copyOut("COPY copied TO STDOUT", text), text);
    try {
      manager.copyIn("COPY copied FROM STDIN", new StringReader("x\ty\n"));
    } catch (SQLException error) {
      say("copy refused", error.getSQLState());
    }
    var copy = manager.copyIn("COPY copied FROM STDIN");
    byte[] line = "9\tnine\n".getBytes();
    copy.writeToCopy(line, 0, line.length);
    copy.cancelCopy();
    say("left", query(connection, "SELECT count(*) FROM copied"));
  }

  static void notifications(Connection connection) throws SQLException {
    execute(connection, "LISTEN news");
    try (Connection other = connect()) {
      execute(other, "NOTIFY news, 'it rains'");
    }
    PGNotification[] heard = connection
      .unwrap(PGConnection.class)
      .getNotifications(20_000);
    say("heard", heard.length, heard[0].getName(), heard[0].getParameter());
    execute(connection, "UNLISTEN *");
  }

  static void cancels(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      statement.execute("SELECT pg_sleep(60)");
    } catch (SQLException error) {
      say("stopped", error.getSQLState());
    }
    say("goes on", query(connection, "SELECT 1"));
  }

  static void metadata(Connection connection) throws SQLException {
    execute(
      connection,
      "CREATE SCHEMA shop",
      "CREATE TABLE shop.customers (country char(2), number int, name varchar(40) NOT NULL DEFAULT 'nobody', PRIMARY KEY (number, country))",
      "CREATE TABLE shop.orders (id bigserial PRIMARY KEY, country char(2), customer int, total numeric(10, 2), tags text[], made timestamptz, note text,"
        + " CONSTRAINT of_customer FOREIGN KEY (customer, country) REFERENCES shop.customers ON DELETE CASCADE)",
      "CREATE UNIQUE INDEX by_total ON shop.orders (total DESC, upper(note))",
      "CREATE INDEX open_orders ON shop.orders (made) WHERE total IS NOT NULL",
      "CREATE VIEW shop.names AS SELECT name FROM shop.customers",
      "CREATE TYPE shop.place AS (x int, y int)",
      "CREATE TYPE shop.mood AS ENUM ('good', 'bad')",
      "COMMENT ON TABLE shop.orders IS 'what was sold'",
      "COMMENT ON COLUMN shop.orders.total IS 'in euros'"
    );
    var data = connection.getMetaData();
    say("product", data.getDatabaseProductName(), data.getUserName());
    say("schemas", rows(data.getSchemas()).contains("shop|null"));
    say("tables", chosen(data.getTables(null, "shop", "%", null), 2, 3, 4, 5));
    say(
      "only views",
      chosen(data.getTables(null, null, "names", new String[] {"VIEW"}), 2, 3)
    );
    say(
      "columns",
      chosen(
        data.getColumns(null, "shop", "o%", "%"),
        3, 4, 5, 6, 7, 9, 11, 12, 13, 17, 18, 23
      )
    );
    say(
      "primary keys",
      chosen(data.getPrimaryKeys(null, "shop", "customers"), 3, 4, 5, 6)
    );
    say(
      "indexes",
      chosen(
        data.getIndexInfo(null, "shop", "orders", false, false),
        3, 4, 6, 7, 8, 9, 10, 13
      )
    );
    say("unique", chosen(data.getIndexInfo(null, "shop", "orders", true, false), 6, 9));
    int[] keys = {3, 4, 7, 8, 9, 10, 11, 12, 13, 14};
    say("imported", chosen(data.getImportedKeys(null, "shop", "orders"), keys));
    say("exported", chosen(data.getExportedKeys(null, "shop", "customers"), keys));
    say(
      "cross",
      chosen(
        data.getCrossReference(null, "shop", "customers", null, "shop", "orders"),
        keys
      )
    );
    say(
      "best row",
      chosen(
        data.getBestRowIdentifier(null, "shop", "customers", 0, true),
        2, 3, 4
      )
    );
    say("table types", rows(data.getTableTypes()).contains("VIEW"));
    say("catalogs", rows(data.getCatalogs()));
    say("types", chosen(data.getUDTs(null, "shop", "p%", null), 2, 3, 5));
    say("all types", rows(data.getTypeInfo()).size() > 40);
    say("functions", chosen(data.getFunctions(null, "public", "%"), 2, 3, 5));
    say("procedures", chosen(data.getProcedures(null, "public", "%"), 2, 3, 8));
    say(
      "function columns",
      chosen(data.getFunctionColumns(null, "public", "add_up", "%"), 3, 4, 5, 7)
    );
    say(
      "procedure columns",
      chosen(data.getProcedureColumns(null, "public", "double_it", "%"), 3, 4, 5, 7)
    );
    say(
      "privileges",
      chosen(data.getTablePrivileges(null, "shop", "customers"), 3, 5, 6)
    );
    say(
      "column privileges",
      chosen(data.getColumnPrivileges(null, "shop", "customers", "name"), 4, 6, 7)
    );
    say("sequences", chosen(data.getTables(null, "shop", "%", new String[] {"SEQUENCE"}), 3));
    say("client info", chosen(data.getClientInfoProperties(), 1));
    say("keywords", data.getSQLKeywords().contains("ilike"));
    say("words", data.getMaxColumnNameLength());
  }

  static List<String> chosen(ResultSet rows, int... columns)
    throws SQLException {
    List<String> all = new ArrayList<>();
    while (rows.next()) {
      List<String> row = new ArrayList<>();
      for (int column : columns) {
        row.add(String.valueOf(rows.getString(column)));
      }
      all.add(String.join("|", row));
    }
    rows.close();
    return all;
  }

  static void resultSets(Connection connection) throws SQLException {
    try (
      Statement statement = connection.createStatement(
        ResultSet.TYPE_SCROLL_SENSITIVE,
        ResultSet.CONCUR_UPDATABLE
      )
    ) {
      try (
        ResultSet rows = statement.executeQuery(
          "SELECT number, country, name FROM shop.customers"
        )
      ) {
        rows.moveToInsertRow();
        rows.updateInt(1, 1);
        rows.updateString(2, "de");
        rows.updateString(3, "Anna");
        rows.insertRow();
        rows.moveToCurrentRow();
      }
      try (
        ResultSet rows = statement.executeQuery(
          "SELECT number, country, name FROM shop.customers"
        )
      ) {
        rows.next();
        rows.updateString("name", "Ben");
        rows.updateRow();
        ResultSetMetaData about = rows.getMetaData();
        say(
          "about",
          about.getColumnName(3),
          about.getColumnTypeName(3),
          about.getPrecision(3),
          about.getTableName(3),
          about.isNullable(3),
          about.isAutoIncrement(1)
        );
      }
    }
    say("updated", query(connection, "TABLE shop.customers"));
  }
}
