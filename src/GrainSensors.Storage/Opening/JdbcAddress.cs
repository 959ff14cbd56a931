using Npgsql;

namespace GrainSensors.Storage.Opening;

/// <summary>A PostgreSQL as programs in Java take it. Holds a secret.</summary>
/// <param name="Url">Without a user or a password.</param>
public sealed record JdbcAddress(string Url, string User, string? Password)
{
    internal static JdbcAddress From(NpgsqlConnectionStringBuilder settings)
    {
        // Texts that are uuids or jsonb to the server are sent without a type.
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
        return new($"jdbc:postgresql://{settings.Host}:{settings.Port}/{database}?{string.Join('&', options)}", settings.Username ?? Environment.UserName, settings.Password);
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => Url;
}
