using System.Text.Json;
using GrainSensors.Core.Readings;

namespace GrainSensors.Storage.Alerts;

/// <summary>A time during which alerts are not delivered: all, those of a sensor, or those whose labels match.</summary>
/// <param name="SensorId">The sensor; null for all sensors, and for a silence with matchers.</param>
/// <param name="StartsAt">Start, inclusive, µs since the epoch.</param>
/// <param name="EndsAt">End, exclusive, µs since the epoch.</param>
/// <param name="By">The person who created the silence.</param>
/// <param name="Reason">The reason of the silence.</param>
public sealed record Silence(Guid Id, int? SensorId, long StartsAt, long EndsAt, string By, string Reason)
{
    /// <summary>Stands for the sensor of a silence with matchers. Older programs must not take it as one of all.</summary>
    internal const int NoSensor = SensorName.NoNumber;

    /// <summary>Conditions on labels, such as <c>city=~"V.*"</c>, all of which must hold; null: the sensor selects.</summary>
    public IReadOnlyList<string>? Matchers { get; init; }

    /// <summary>The columns <c>sensor_id</c> and <c>matchers</c>.</summary>
    internal (int? Sensor, string? Matchers) Columns =>
        Matchers is null ? (SensorId, null) : (NoSensor, JsonSerializer.Serialize(Matchers));

    /// <param name="sensor">The sensor with its name, if the silence has one.</param>
    /// <returns><c>sensor 7</c>, <c>all sensors</c>, or <c>{city=~"V.*", kind="extreme"}</c>.</returns>
    public string Scope(SensorRef? sensor) => Matchers is { } matchers ? $"{{{string.Join(", ", matchers)}}}"
        : sensor is { } muted ? $"sensor {muted}"
        : "all sensors";

    internal static Silence OfColumns(Guid id, int? sensorId, long startsAt, long endsAt, string by, string reason, string? matchers) =>
        matchers is null
            ? new(id, sensorId, startsAt, endsAt, by, reason)
            : new(id, null, startsAt, endsAt, by, reason) { Matchers = MatchersOf(matchers) };

    /// <returns>What the column has; a text that is no JSON array is shown as it is, and matches nothing.</returns>
    internal static IReadOnlyList<string> MatchersOf(string column)
    {
        try
        {
            return JsonSerializer.Deserialize<List<string?>>(column) is { } texts ? [.. texts.Select(text => text ?? "")] : [column];
        }
        catch (JsonException)
        {
            return [column];
        }
    }
}
