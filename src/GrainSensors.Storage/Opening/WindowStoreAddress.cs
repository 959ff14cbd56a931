using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Opening;

/// <summary>
/// The address of a window store: <c>sqlite:PATH</c>, <c>postgres:Host=…;Database=…</c> or <c>postgres://user@host/db</c>.
/// </summary>
public sealed class WindowStoreAddress
{
    private const string Cure =
        "use sqlite:PATH, postgres:Host=…;Username=…;Database=… or postgres://user:password@host:port/database";

    private readonly string? _path;
    private readonly NpgsqlConnectionStringBuilder? _settings;

    private WindowStoreAddress(string? path, NpgsqlConnectionStringBuilder? settings)
    {
        _path = path;
        _settings = settings;
    }

    /// <summary>The store is in PostgreSQL, so several silos can share it.</summary>
    public bool IsShared => _settings is not null;

    /// <summary>The file of SQLite; null for PostgreSQL.</summary>
    public string? File => _path;

    /// <summary>The connection string of PostgreSQL; null for SQLite. It holds secrets.</summary>
    internal string? PostgresConnectionString => _settings?.ConnectionString;

    /// <summary>The address of the database for JDBC; null for SQLite. It holds a secret.</summary>
    public JdbcAddress? Jdbc => _settings is null ? null : JdbcAddress.From(_settings);

    /// <returns>A data source that other users of the database may share, such as cluster membership; null for SQLite.</returns>
    public NpgsqlDataSource? CreateDataSource() =>
        _settings is null ? null : PostgresWindowStore.CreateDataSource(_settings.ConnectionString);

    /// <exception cref="FormatException">The text is not an address; the message holds no secret.</exception>
    public static WindowStoreAddress Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", text) : (text[..colon], text[(colon + 1)..]);
        return scheme.ToLowerInvariant() switch
        {
            "sqlite" => new(ParsePath(rest), null),
            "postgres" or "postgresql" => new(
                null, rest.StartsWith("//", StringComparison.Ordinal) ? PostgresUri.Parse(text) : ParseKeywords(rest)),

            // A text with an unknown scheme may be a connection string with a password, so the error does not quote it.
            _ when text.Contains('=', StringComparison.Ordinal) || text.Contains('@', StringComparison.Ordinal) =>
                throw new FormatException($"The window store does not begin with sqlite: or postgres:; {Cure}."),
            _ => throw new FormatException($"\"{text}\" is not a window store; {Cure}."),
        };
    }

    /// <param name="clock">The clock; null for the system clock.</param>
    public IStore Open(WindowStoreOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggerFactory = null) =>
        _path is { } path
            ? new SqliteWindowStore(path, options, clock, loggerFactory)
            : new PostgresWindowStore(_settings!.ConnectionString, options, clock, loggerFactory);

    /// <summary>The address without secrets.</summary>
    public override string ToString() =>
        _path is { } path ? $"sqlite:{path}" : $"postgres:{_settings!.Host}:{_settings.Port}/{_settings.Database ?? _settings.Username}";

    private static string ParsePath(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new FormatException("The window store sqlite: has no path; use sqlite:PATH, such as sqlite:data/grainsensors.db.");
        }

        return path.StartsWith(':') || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? throw new FormatException(
                $"\"sqlite:{path}\" is not a durable file; use sqlite:PATH, such as sqlite:data/grainsensors.db.")
            : path;
    }

    private static NpgsqlConnectionStringBuilder ParseKeywords(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new(text);
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // The message of the driver may quote a password that has a semicolon, so it is neither quoted nor kept as the cause.
            throw new FormatException(
                $"The text after postgres: is not a valid connection string (quote values with ; or =); {Cure}.");
        }

        return string.IsNullOrEmpty(settings.Host)
            ? throw new FormatException($"The window store postgres: has no Host; {Cure}.")
            : settings;
    }
}
