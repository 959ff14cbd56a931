using System.Text.Json;
using System.Text.Json.Serialization;
using GrainSensors.Core.Text;

namespace GrainSensors.Contacts.Routes;

/// <summary>Routes of alerts as people write them: the root of the tree, with the maintenance windows.</summary>
public sealed record RouteDocument : RouteNode
{
    public const int MaxLength = 256 * 1024;

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The windows that <see cref="RouteNode.Mute"/> names.</summary>
    public IReadOnlyList<MaintenanceDocument>? Maintenance { get; init; }

    /// <exception cref="FormatException">The text is no such document; the message names the member.</exception>
    public static RouteDocument Parse(string json)
    {
        if (json.Length > MaxLength)
        {
            throw new FormatException($"The routes must have at most {MaxLength} characters; got {json.Length}.");
        }

        try
        {
            return JsonSerializer.Deserialize<RouteDocument>(json, Options) ?? throw new FormatException("The routes must be an object.");
        }
        catch (JsonException e)
        {
            var where = e.Path is null or "$" ? "the root" : e.Path.TrimStart('$', '.');
            var unknown = e.Message.Contains("could not be mapped", StringComparison.Ordinal);
            throw new FormatException(
                $"{PrintableText.Escape(where, 200)} {(unknown ? "is not a member of routes" : "has a value of another type")}; see the "
                + "documentation of routes.",
                e);
        }
    }

    public string ToJson() => JsonSerializer.Serialize(this, Options);
}

/// <summary>A route. What it does not set, it inherits from the route above, but for conditions, continue and routes.</summary>
public record RouteNode
{
    /// <summary>Conditions on labels, such as <c>city=~V.*</c>; all must hold.</summary>
    public IReadOnlyList<string>? Match { get; init; }

    /// <summary>Whether the next routes of the same level are tried, too.</summary>
    public bool? Continue { get; init; }

    public IReadOnlyList<string>? Contacts { get; init; }

    /// <summary>Labels whose values make a group; <c>...</c>: all labels.</summary>
    public IReadOnlyList<string>? GroupBy { get; init; }

    /// <summary>Time from the first alert of a group to its message.</summary>
    public string? GroupWait { get; init; }

    /// <summary>Shortest time between two messages of a group about changes.</summary>
    public string? GroupInterval { get; init; }

    /// <summary>Time between reminders; 0s: none.</summary>
    public string? RepeatInterval { get; init; }

    /// <summary>Names of maintenance windows, in which nothing is sent.</summary>
    public IReadOnlyList<string>? Mute { get; init; }

    /// <summary>The escalation of alerts that are not acknowledged.</summary>
    public IReadOnlyList<StepDocument>? Steps { get; init; }

    public IReadOnlyList<RouteNode>? Routes { get; init; }
}

/// <param name="After">Time since the message about the alert.</param>
public sealed record StepDocument(string? After, IReadOnlyList<string>? Contacts);

/// <summary>A maintenance window: <c>from</c> and <c>to</c>, or <c>cron</c> with <c>duration</c> and <c>time_zone</c>.</summary>
/// <param name="TimeZone">IANA id; UTC by default.</param>
public sealed record MaintenanceDocument(
    string? Name, string? From, string? To, string? Cron, string? TimeZone, string? Duration);
