using Npgsql;

namespace GrainSensors.Storage.Opening;

/// <summary>The address of a PostgreSQL database for JDBC. It holds a secret.</summary>
/// <param name="Url">The URL without user and password.</param>
public sealed record JdbcAddress(string Url, string User, string? Password)
{
    internal static JdbcAddress From(NpgsqlConnectionStringBuilder settings)
    {
        // The driver sends text without a type, so that the server can convert it to uuid and jsonb.
        var options = new List<string> { "stringtype=unspecified" };
        if (!string.IsNullOrEmpty(settings.SearchPath))
        {
            options.Add($"currentSchema={Uri.EscapeDataString(settings.SearchPath)}");
        }

        if (settings.SslMode is not (SslMode.Prefer or SslMode.Allow))
        {
            options.Add($"sslmode={settings.SslMode switch
            {
                SslMode.VerifyFull => "verify-full",
                SslMode.VerifyCA => "verify-ca",
                SslMode.Require => "require",
                _ => "disable",
            }}");
        }

        var database = Uri.EscapeDataString(settings.Database ?? settings.Username ?? "postgres");
        var url = $"jdbc:postgresql://{settings.Host}:{settings.Port}/{database}?{string.Join('&', options)}";
        return new(url, settings.Username ?? Environment.UserName, settings.Password);
    }

    /// <summary>The URL, without the secret.</summary>
    public override string ToString() => Url;
}
