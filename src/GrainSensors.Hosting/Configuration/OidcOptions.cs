using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>The section <c>GrainSensors:Http:Oidc</c>: log-in at an identity provider by OpenID Connect, beside access keys.</summary>
internal sealed record OidcOptions
{
    public const string Section = $"{ConfigurationSections.Root}:Http:Oidc";

    /// <summary>Address of the identity provider; without it, people log in with access keys only.</summary>
    [Value("an address such as https://login.example.com/realms/main")]
    public Uri? Authority { get; init; }

    /// <summary>Id of the silos at the provider.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>Secret of the silos at the provider; without it, they are a public client.</summary>
    [Redact]
    public string? ClientSecret { get; init; }

    /// <summary>Requested scopes, separated by blanks.</summary>
    public string Scopes { get; init; } = "openid profile";

    /// <summary>Claim of the ID token that names the user.</summary>
    public string NameClaim { get; init; } = "preferred_username";

    /// <summary>Claim of the ID token that has the roles or groups of the user.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>Values of the claim that give the role admin, separated by commas.</summary>
    public string AdminValues { get; init; } = "";

    /// <summary>Values of the claim that give the role read, separated by commas.</summary>
    public string ReadValues { get; init; } = "";

    /// <returns>The role of a user with these values of the claim; null: the user has no access.</returns>
    public AccessRole? RoleOf(IReadOnlyCollection<string> values) =>
        Parts(AdminValues).Any(values.Contains) ? AccessRole.Admin
        : Parts(ReadValues).Any(values.Contains) ? AccessRole.Read
        : null;

    /// <returns>A text without secrets.</returns>
    public override string ToString() => Section;

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
