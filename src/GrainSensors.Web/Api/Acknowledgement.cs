using System.Security.Claims;

namespace GrainSensors.Web.Api;

/// <summary>The name and the note of an acknowledgement, from the API or from the console.</summary>
internal static class Acknowledgement
{
    public const int MaxName = 100;
    public const int MaxNote = 2000;

    /// <returns>The given name, or else the name of the access key; null: neither exists.</returns>
    public static string? By(string? given, ClaimsPrincipal user) => !string.IsNullOrWhiteSpace(given) ? given.Trim()
        : user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name
        : null;

    /// <param name="name">The name of the field, for the message.</param>
    /// <returns>Why the text is invalid; null: it is valid.</returns>
    public static string? Refuse(string name, string? text, int max) =>
        text is null ? null
        : text.Length > max ? $"{name} must have at most {max} characters; got {text.Length}."
        : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? $"{name} must not contain control characters."
        : null;
}
