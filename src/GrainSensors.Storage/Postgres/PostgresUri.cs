using Npgsql;

namespace GrainSensors.Storage.Postgres;

/// <summary>
/// Parses the URI form of a PostgreSQL connection, as in libpq: <c>postgres://user:password@host:port/database?sslmode=require</c>.
/// </summary>
internal static class PostgresUri
{
    private const string Cure = "use postgres://user:password@host:port/database";

    /// <exception cref="FormatException">The text is not a URI; the message holds no secret.</exception>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw new FormatException(
                $"The text after postgres:// is not a valid URI (write @, / and : in a password as %40, %2F and %3A); {Cure}.");
        }

        if (uri.Host.Length == 0)
        {
            throw new FormatException($"The window store postgres:// has no host; {Cure}.");
        }

        var settings = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost };
        if (uri.Port > 0)
        {
            settings.Port = uri.Port;
        }

        var user = uri.UserInfo.Split(':', 2);
        settings.Username = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null;
        settings.Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null;
        var database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/'));
        settings.Database = database.Length > 0 ? database : null;
        foreach (var option in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = option.Split('=', 2);
            Set(settings, Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair.Length > 1 ? pair[1] : ""));
        }

        return settings;
    }

    private static void Set(NpgsqlConnectionStringBuilder settings, string key, string value)
    {
        try
        {
            // libpq and the driver have different names for these options; the others differ by a space only.
            settings[key switch
            {
                "connect_timeout" => "Timeout",
                "sslrootcert" => "Root Certificate",
                "sslcert" => "SSL Certificate",
                "sslkey" => "SSL Key",
                _ => key.Replace('_', ' '),
            }] = key == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or KeyNotFoundException or InvalidCastException or OverflowException)
        {
            throw new FormatException(
                $"The option \"{key}\" of the window store's postgres:// URI is unknown or has an invalid value; correct or remove it.");
        }
    }
}
