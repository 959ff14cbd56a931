using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace GrainSensors.Storage.Sqlite;

/// <summary>A prepared statement, bound and run once for each row.</summary>
/// <remarks>
/// The class calls SQLite directly. A command of the ADO.NET provider boxes each value, finds each parameter by name and creates
/// a reader for each row, which takes longer than SQLite itself.
/// </remarks>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    /// <param name="connection">The connection of the statement.</param>
    /// <param name="sql">The statement, with the parameters <c>?1</c>, <c>?2</c> …</param>
    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <param name="position">Position of the parameter, from 1.</param>
    /// <param name="value">The value of the parameter.</param>
    public void Bind(int position, long value) => Check(raw.sqlite3_bind_int64(_statement, position, value));

    /// <summary>Binds a number; SQLite stores NaN as null.</summary>
    public void Bind(int position, double value) => Check(raw.sqlite3_bind_double(_statement, position, value));

    public void Bind(int position, string? value) =>
        Check(value is null ? raw.sqlite3_bind_null(_statement, position) : raw.sqlite3_bind_text(_statement, position, value));

    public void BindNull(int position) => Check(raw.sqlite3_bind_null(_statement, position));

    public void Bind(int position, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, position, value));

    public void Bind(int position, byte[]? value) =>
        Check(value is null ? raw.sqlite3_bind_null(_statement, position) : raw.sqlite3_bind_blob(_statement, position, value));

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>The number of rows changed.</returns>
    public int Execute()
    {
        Next();
        return raw.sqlite3_changes(_database);
    }

    /// <returns>False after the last row; the statement can then be bound again.</returns>
    public bool Next()
    {
        var outcome = raw.sqlite3_step(_statement);
        if (outcome == raw.SQLITE_ROW)
        {
            return true;
        }

        // The reset returns the error of the step with its message.
        Check(raw.sqlite3_reset(_statement));
        return outcome == raw.SQLITE_DONE ? false : throw new SqliteException("The statement did not complete.", outcome);
    }

    public long Integer(int column) => raw.sqlite3_column_int64(_statement, column);

    public bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    /// <returns>The number; NaN for null.</returns>
    public double Number(int column) => IsNull(column)
        ? double.NaN
        : raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(_statement, column);

    public void Dispose() => _statement.Dispose();

    private void Check(int outcome)
    {
        if (outcome != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(outcome, _database);
        }
    }
}
