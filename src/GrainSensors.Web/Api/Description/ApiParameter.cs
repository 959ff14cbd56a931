using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace GrainSensors.Web.Api.Description;

/// <summary>A parameter of a request, as the OpenAPI document describes it.</summary>
/// <param name="Name">As in the request.</param>
/// <param name="Description">Meaning and default.</param>
internal sealed record ApiParameter(string Name, string Description)
{
    /// <summary>The value of <see cref="Zone"/> for the time zone that the registry has for the sensor.</summary>
    public const string ZoneOfSensor = "sensor";

    public static ApiParameter Cursor { get; } = new("cursor", "next of the previous page");

    public static ApiParameter Period { get; } = new(
        "period",
        "the configured window size, or a multiple of it such as PT1H or P1D; with a hop, such as PT1H/PT15M; or P1D, P1W, P1M, P3M or "
        + "P1Y of a time zone, such as P1D@Europe/Madrid; windows are merged");

    public static ApiParameter Zone { get; } = new(
        "tz", $"time zone of the period, such as Europe/Madrid; {ZoneOfSensor}: that of the sensor in the registry");

    public static ApiParameter Percentiles { get; } = new(
        "p",
        "percentiles such as 0.5,0.95, within 1 %; null where they are not known: the measurement has no Sketch, or had none yet")
    {
        IsList = true,
    };

    public static ApiParameter Statistics { get; } = new(
        "statistics",
        "further statistics: sum, first, last; null where the first or last value is not known: an older program counted the window, or it "
        + "was corrected")
    {
        IsList = true,
    };

    public static ApiParameter SensorId { get; } = new("sensor_id", "id or name of a sensor");

    public static ApiParameter Sensor { get; } =
        new("sensor", "id or name of the sensor in place of the one in the path, for names with a slash or of dots alone");

    public static ApiParameter SensorIds { get; } =
        new("sensor_id", "ids or names of one or several sensors; all by default") { IsList = true };

    public static ApiParameter Sensors { get; } =
        new("sensor", "id or name of a sensor, also with commas; may be repeated; all by default") { IsRepeated = true };

    public static ApiParameter Tag { get; } =
        new("tag", "a tag such as room=kitchen; may be repeated, and sensors have all of them") { IsRepeated = true };

    public static ApiParameter Text { get; } =
        new("q", "words that are in the name, display name, place or tags, or that begin the id, without accents and in any case");

    public static ApiParameter Place { get; } = new("place", "text in city and station");

    public static ApiParameter AlertId { get; } = Id("alert_id", "id of an alert");

    public static ApiParameter SilenceId { get; } = Id("id", "id of a silence");

    public static ApiParameter NotificationId { get; } = Id("notification_id", "id of a notification");

    public static ApiParameter SessionId { get; } = Id("session_id", "id of a session");

    public OpenApiSchema Schema { get; private init; } = new() { Type = JsonSchemaType.String };

    /// <summary>Takes several values, separated by commas.</summary>
    public bool IsList { get; init; }

    /// <summary>May be given several times.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>In a header of the request.</summary>
    public bool IsHeader { get; init; }

    public static ApiParameter From(string description) => new("from", description);

    public static ApiParameter To(string description) => new("to", description);

    public static ApiParameter Limit(int otherwise, int max) =>
        new("limit", "greatest number of items") { Schema = Integer(1, max, otherwise) };

    public static ApiParameter OneOf(string name, string description, IEnumerable<string> words, string? otherwise = null) =>
        new(name, description)
        {
            Schema = new()
            {
                Type = JsonSchemaType.String,
                Enum = [.. words.Select(word => (JsonNode)word)],
                Default = otherwise,
            },
        };

    private static ApiParameter Id(string name, string description) =>
        new(name, description) { Schema = new() { Type = JsonSchemaType.String, Format = "uuid" } };

    private static OpenApiSchema Integer(int min, int max, int? otherwise = null) => new()
    {
        Type = JsonSchemaType.Integer,
        Format = "int32",
        Minimum = min.ToString(CultureInfo.InvariantCulture),
        Maximum = max.ToString(CultureInfo.InvariantCulture),
        Default = otherwise,
    };
}
