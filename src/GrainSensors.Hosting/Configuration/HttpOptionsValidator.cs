using GrainSensors.Hosting.Configuration.Binding;

namespace GrainSensors.Hosting.Configuration;

/// <summary>Checks <see cref="HttpOptions"/>.</summary>
internal sealed class HttpOptionsValidator() : OptionsValidator<HttpOptions>(HttpOptions.Section)
{
    /// <summary>
    /// The first parts of the paths that a silo serves. A prefix among them would be taken for a path where the proxy has removed it.
    /// </summary>
    public static IReadOnlyList<string> OwnPaths { get; } =
    [
        "/_blazor", "/_console", "/_framework", "/acknowledge", "/alerts", "/api", "/cluster", "/contacts", "/dashboard", "/dead-letters",
        "/health", "/login", "/logout", "/metrics", "/not-found", "/ping", "/rules", "/sensors", "/signin-oidc", "/silences", "/write",
    ];

    protected override IEnumerable<string> Check(HttpOptions options) =>
    [
        .. options is { ProtectionKeyFile: not null, ProtectionCertificateFile: null }
            ? [$"{HttpOptions.Section}:ProtectionKeyFile requires {HttpOptions.Section}:ProtectionCertificateFile."]
            : Array.Empty<string>(),
        .. options.Keys.GroupBy(key => key.Name).Where(keys => keys.Count() > 1)
            .Select(keys => $"{HttpOptions.Section}:Keys must have different names; got \"{keys.Key}\" twice."),
        .. options.Keys.GroupBy(key => key.Hash, StringComparer.OrdinalIgnoreCase).Where(keys => keys.Key.Length > 0 && keys.Count() > 1)
            .Select(keys => $"{HttpOptions.Section}:Keys must have different hashes; {Names(keys)} have the same."),
        .. OwnPaths.Where(path => $"{options.PathBase}/".StartsWith($"{path}/", StringComparison.OrdinalIgnoreCase))
            .Select(path => $"{HttpOptions.Section}:PathBase must not begin with {path}, which is a path of the console or the API."),
        .. ProxyNetworks.Invalid(options.KnownProxies)
            .Select(text => $"{HttpOptions.Section}:KnownProxies must be addresses or networks such as 10.0.0.0/8; got \"{text}\"."),
        .. CorsOrigins.Invalid(options.CorsOrigins).Select(text =>
            $"{HttpOptions.Section}:CorsOrigins must be origins such as https://dash.example, without a path; got \"{text}\"."),
    ];

    private static string Names(IEnumerable<KeyOptions> keys) => string.Join(" and ", keys.Select(key => $"\"{key.Name}\""));
}
