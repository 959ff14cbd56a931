namespace GrainSensors.Hosting.Configuration;

/// <summary>The origins of <see cref="HttpOptions.CorsOrigins"/>.</summary>
internal static class CorsOrigins
{
    /// <param name="text">Valid origins.</param>
    /// <returns>The origins as browsers send them.</returns>
    public static IReadOnlySet<string> Parse(string text) => Parts(text).Select(part => TryParse(part)!).ToHashSet();

    /// <returns>The parts that are no origin.</returns>
    public static IEnumerable<string> Invalid(string text) => Parts(text).Where(part => TryParse(part) is null);

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string? TryParse(string part) =>
        Uri.TryCreate(part, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri is { AbsolutePath: "/", Query: "", Fragment: "", UserInfo: "" }
            ? uri.GetLeftPart(UriPartial.Authority)
            : null;
}
