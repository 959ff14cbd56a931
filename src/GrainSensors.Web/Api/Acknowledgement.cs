using System.Security.Claims;

namespace GrainSensors.Web.Api;

/// <summary>What somebody may say who takes notice of an alert, by API or on a page.</summary>
internal static class Acknowledgement
{
    public const int MaxName = 100;
    public const int MaxNote = 2000;

    /// <returns>Who it is: as he says, else as his key does; null: nobody says.</returns>
    public static string? By(string? given, ClaimsPrincipal user) =>
        string.IsNullOrWhiteSpace(given) ? user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } name } ? name : null : given.Trim();

    /// <returns>Why the text cannot be taken; null: it can.</returns>
    public static string? Refuse(string name, string? text, int max) =>
        text is null ? null
        : text.Length > max ? $"{name} has {text.Length} characters; give {max} at most."
        : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? $"{name} holds control characters; leave them out."
        : null;
}
