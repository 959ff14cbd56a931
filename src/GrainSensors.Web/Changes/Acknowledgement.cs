using System.Security.Claims;
using GrainSensors.Storage.Alerts;

namespace GrainSensors.Web.Changes;

/// <summary>The name and the note of an acknowledgement, from the API or from the console.</summary>
internal static class Acknowledgement
{
    public const int MaxName = 100;
    public const int MaxNote = 2000;

    /// <param name="given">The name that the request gives, which nobody has checked.</param>
    /// <param name="isOpen">The silo has no keys, so the given name is all that is known of the sender.</param>
    /// <returns>
    /// The actor: the name of the access key or of the user; null: no name exists. And the given name, if it is another one.
    /// </returns>
    public static (string? By, string? For) Names(string? given, ClaimsPrincipal user, bool isOpen)
    {
        var name = string.IsNullOrWhiteSpace(given) ? null : given.Trim();
        var actor = user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : null;
        return isOpen || actor is null ? (name ?? actor, null) : (actor, name == actor ? null : name);
    }

    public static string NamesOf(Alert alert) =>
        NamesOf($"{alert.AcknowledgedBy}", alert.AcknowledgedFor);

    /// <param name="person">A name that nobody has checked; null: there is none.</param>
    public static string NamesOf(string by, string? person) => person is null ? by : $"{by} for {person}";

    /// <returns>The text of the audit log.</returns>
    public static string? Detail(Alert alert) => alert.AcknowledgedFor is { } person ? $"for {person}" : null;

    /// <param name="name">The name of the field, for the message.</param>
    /// <returns>Why the text is invalid; null: it is valid.</returns>
    public static string? Refuse(string name, string? text, int max) =>
        text is null ? null
        : text.Length > max ? $"{name} must have at most {max} characters; got {text.Length}."
        : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? $"{name} must not contain control characters."
        : null;
}
