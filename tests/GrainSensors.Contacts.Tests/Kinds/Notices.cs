using GrainSensors.Contacts.Messages;
using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Tests.Kinds;

/// <summary>Notices of one alert.</summary>
internal static class Notices
{
    public static readonly Guid Key = Guid.Parse("0193a5c2-7c1e-8a40-9d53-3f6d2a9b5e10");

    public static Notice Raised { get; } = new()
    {
        Event = NotificationEvent.Raised,
        AlertId = Guid.Parse("b5f83e4c-10bd-8cc3-b436-2d357f460298"),
        Occurrence = 1,
        SensorId = "7",
        DisplayName = "Boiler <2>",
        City = "Valencia",
        Station = "Viveros",
        Tags = new Dictionary<string, string> { ["floor"] = "2", ["room"] = "kitchen" },
        Kind = "disconnected",
        Level = "ERROR",
        Message = "Sensor 7: disconnected",
        RaisedAt = new(2026, 11, 24, 10, 0, 0, DateTimeKind.Utc),
        Url = "https://sensors.example.org/sensors/7",
        AcknowledgeUrl = "https://sensors.example.org/acknowledge?token=abc-_123",
    };

    public static Notice Cleared { get; } = Raised with
    {
        Event = NotificationEvent.Cleared,
        Message = "Sensor 7: connected again",
        AcknowledgeUrl = null,
        ClearedAt = new(2026, 11, 24, 10, 5, 0, DateTimeKind.Utc),
    };
}
