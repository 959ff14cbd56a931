using GrainSensors.Core.Time;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The sensors as they stand.</summary>
internal static class SensorsEndpoints
{
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    public static void MapSensors(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sensors", ListAsync)
            .WithTags("Sensors").WithName("GetSensors")
            .WithSummary("Sensors by id, with their latest readings")
            .WithDescription("condition: reporting, disconnected, silent or unknown, several with commas. Where next is not null, ask again with it as cursor.");
        api.MapGet("/sensors/{sensor_id}", GetAsync)
            .WithTags("Sensors").WithName("GetSensor").WithSummary("A sensor, with its latest reading")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<SensorPage> ListAsync(FleetView fleet, string? condition, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var conditions = ApiQuery.Words(condition).Select(word => ApiQuery.Choice(
            "condition",
            word,
            ("reporting", SensorCondition.Reporting),
            ("disconnected", SensorCondition.Disconnected),
            ("silent", SensorCondition.Silent),
            ("unknown", SensorCondition.Unknown))!.Value).ToHashSet();
        var after = string.IsNullOrEmpty(cursor) ? -1 : int.TryParse(cursor, out var id) ? id : throw ApiQuery.Bad($"cursor \"{ApiQuery.Shown(cursor)}\" is none that was given out.");
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var now = await LookAsync(fleet, cancellationToken);
        var found = now.Sensors
            .Where(sensor => sensor.SensorId > after && (conditions.Count == 0 || conditions.Contains(sensor.Condition)))
            .Take(most + 1).ToList();
        return new(
            [.. found.Take(most).Select(sensor => SensorBody.Of(sensor, now.Metrics))],
            found.Count > most ? $"{found[most - 1].SensorId}" : null);
    }

    private static async Task<SensorBody> GetAsync(FleetView fleet, [FromRoute(Name = "sensor_id")] string sensorId, CancellationToken cancellationToken)
    {
        var id = ApiQuery.SensorId(sensorId);
        var now = await LookAsync(fleet, cancellationToken);
        return now.Find(id) is { } sensor
            ? SensorBody.Of(sensor, now.Metrics)
            : throw ApiQuery.NotFound($"Sensor {id} is not known: it has not reported lately, and is not registered.");
    }

    private static async Task<FleetSnapshot> LookAsync(FleetView fleet, CancellationToken cancellationToken)
    {
        await fleet.ReadyAsync(cancellationToken);
        return fleet.Trouble is { } trouble && fleet.Current.At == 0
            ? throw new ApiProblem(StatusCodes.Status503ServiceUnavailable, trouble) { RetryAfter = 1 }
            : fleet.Current;
    }
}

/// <param name="Next">The cursor of the next page; null: this is the last one.</param>
internal sealed record SensorPage(IReadOnlyList<SensorBody> Items, string? Next);

/// <param name="LastReadingAt">Event time of the latest reading; null: not known.</param>
/// <param name="Values">Of the latest reading; null: it had none.</param>
/// <param name="OpenAlerts">How many.</param>
internal sealed record SensorBody(
    int SensorId, SensorCondition Condition, DateTime? LastReadingAt, IReadOnlyDictionary<string, double?> Values, int OpenAlerts, string? City, string? Station)
{
    public static SensorBody Of(SensorLine sensor, IReadOnlyList<string> metrics)
    {
        var values = new Dictionary<string, double?>(metrics.Count);
        for (var i = 0; i < metrics.Count; i++)
        {
            values[metrics[i]] = double.IsNaN(sensor.Values[i]) ? null : sensor.Values[i];
        }

        return new(
            sensor.SensorId,
            sensor.Condition,
            sensor.LastAt is { } at ? EpochTime.ToDateTime(at) : null,
            values,
            sensor.OpenAlerts,
            sensor.City,
            sensor.Station);
    }
}
