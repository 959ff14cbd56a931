using GrainSensors.Storage.Postgres;
using GrainSensors.Storage.Sqlite;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GrainSensors.Storage.Opening;

/// <summary>Where windows are stored, as people write it: <c>sqlite:PATH</c>, <c>postgres:Host=…;Database=…</c> or <c>postgres://user@host/db</c>.</summary>
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

    /// <summary>Windows are in PostgreSQL, so several silos can share them.</summary>
    public bool IsShared => _settings is not null;

    /// <summary>Null for SQLite. Holds secrets.</summary>
    internal string? PostgresConnectionString => _settings?.ConnectionString;

    /// <summary>The database for programs in Java; null for SQLite. Holds secrets.</summary>
    public JdbcAddress? Jdbc => _settings is null ? null : JdbcAddress.From(_settings);

    /// <returns>Connections that others may share with the store, such as cluster membership; null for SQLite.</returns>
    public NpgsqlDataSource? CreateDataSource() => _settings is null ? null : PostgresWindowStore.CreateDataSource(_settings.ConnectionString);

    /// <exception cref="FormatException">With a sentence that names what is wrong and the cure, and shows no secret.</exception>
    public static WindowStoreAddress Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (scheme, rest) = colon < 0 ? ("", text) : (text[..colon], text[(colon + 1)..]);
        return scheme.ToLowerInvariant() switch
        {
            "sqlite" => new(ParsePath(rest), null),
            "postgres" or "postgresql" => new(null, rest.StartsWith("//", StringComparison.Ordinal) ? PostgresUri.Parse(text) : ParseKeywords(rest)),
            // A text without a scheme that we know may be a connection string, password and all.
            _ when text.Contains('=', StringComparison.Ordinal) || text.Contains('@', StringComparison.Ordinal) =>
                throw new FormatException($"The window store does not begin with sqlite: or postgres:; {Cure}."),
            _ => throw new FormatException($"\"{text}\" is not a window store; {Cure}."),
        };
    }

    /// <param name="clock">Decides what now is; null: the system's.</param>
    public IStore Open(WindowStoreOptions? options = null, TimeProvider? clock = null, ILoggerFactory? loggerFactory = null) =>
        _path is { } path
            ? new SqliteWindowStore(path, options, clock, loggerFactory)
            : new PostgresWindowStore(_settings!.ConnectionString, options, clock, loggerFactory);

    /// <summary>Without secrets.</summary>
    public override string ToString() =>
        _path is { } path ? $"sqlite:{path}" : $"postgres:{_settings!.Host}:{_settings.Port}/{_settings.Database ?? _settings.Username}";

    private static string ParsePath(string path)
    {
        if (string.IsNullOrWhiteSpace(path))
        {
            throw new FormatException("The window store sqlite: names no file; use sqlite:PATH, such as sqlite:data/grainsensors.db.");
        }

        return path.StartsWith(':') || path.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
            ? throw new FormatException($"\"sqlite:{path}\" is not a file that outlives the process; use sqlite:PATH, such as sqlite:data/grainsensors.db.")
            : path;
    }

    private static NpgsqlConnectionStringBuilder ParseKeywords(string text)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            // The driver's own message may quote a password with a semicolon in it; it is not passed on, nor kept as the cause.
            throw new FormatException($"What follows postgres: is not a connection string that the driver understands (quote values with ; or =); {Cure}.");
        }

        return string.IsNullOrEmpty(settings.Host)
            ? throw new FormatException($"The window store postgres: names no host; {Cure}.")
            : settings;
    }
}
