using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Core.Sensors;
using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>Sensors with their condition and latest readings.</summary>
internal static class SensorsEndpoints
{
    private static readonly (string Word, SensorCondition Value)[] Conditions =
    [
        ("reporting", SensorCondition.Reporting),
        ("disconnected", SensorCondition.Disconnected),
        ("silent", SensorCondition.Silent),
        ("unknown", SensorCondition.Unknown),
    ];

    public static void MapSensors(this IEndpointRouteBuilder api)
    {
        api.MapGet("/sensors", ListAsync)
            .WithTags("Sensors").WithName("GetSensors")
            .WithSummary("Lists sensors by id, with their latest readings")
            .WithDescription("If next is not null, pass it as cursor for the next page.")
            .WithMetadata(new Revalidated())
            .Takes(
            [
                ApiParameter.OneOf("condition", "one or several conditions; all by default", Conditions.Select(choice => choice.Word)) with
                {
                    IsList = true,
                },
                ApiParameter.Sensors,
                .. SensorListing.Described,
            ]);
        api.MapGet("/sensors/{sensor_id}", GetAsync)
            .WithTags("Sensors").WithName("GetSensor").WithSummary("Returns one sensor with its latest reading")
            .WithMetadata(new Revalidated())
            .Takes(ApiParameter.SensorId, ApiParameter.Sensor)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/sensors/{sensor_id}", ForgetAsync)
            .WithTags("Sensors").WithName("ForgetSensor")
            .WithSummary("Dismisses a sensor: unregisters it and clears its alerts; its windows stay")
            .WithDescription(
                "The sensor leaves the fleet within seconds. Only a reading with a later event time than the request brings it back. "
                + "Requires a key with the role admin.")
            .Takes(ApiParameter.SensorId, ApiParameter.Sensor)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<SensorPage> ListAsync(
        FleetView fleet, IStore store, string? condition, string[]? sensor, [AsParameters] SensorListing listing,
        CancellationToken cancellationToken)
    {
        var (filter, after, most) = (listing.ToFilter(), listing.After, listing.Most);
        var conditions = ApiQuery.Choices("condition", condition, Conditions).ToHashSet();
        var only = (await ApiQuery.SensorsAsync(store.Names, null, sensor, cancellationToken)).Select(wanted => wanted.Id).ToHashSet();
        var now = await ReadAsync(fleet, cancellationToken);
        var found = now.Sensors
            .Where(line => (after is not { } last || SensorRef.Compare(line.Sensor, last) > 0)
                && (conditions.Count == 0 || conditions.Contains(line.Condition))
                && (only.Count == 0 || only.Contains(line.SensorId))
                && filter.Matches(line.Sensor, line.Entry))
            .Take(most + 1).ToList();
        return new(
            [.. found.Take(most).Select(line => SensorBody.Of(line, now.Measurements))],
            found.Count > most ? $"{found[most - 1].Sensor}" : null,
            found.Count > most,
            now.IsPartial);
    }

    private static async Task<SensorBody> GetAsync(
        FleetView fleet,
        IStore store,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string[]? sensor,
        CancellationToken cancellationToken)
    {
        var wanted = await ApiQuery.SensorAsync(store.Names, sensorId, sensor, cancellationToken);
        var now = await ReadAsync(fleet, cancellationToken);
        return now.Find(wanted.Id) is { } line
            ? SensorBody.Of(line, now.Measurements)
            : throw ApiQuery.NotFound(
                now.IsPartial
                    ? $"Sensor {wanted} is not among the {FleetView.MaxSensors} sensors that a silo tracks; its windows and its entry in "
                        + "the registry are there nonetheless."
                    : $"Sensor {wanted} is unknown: it is not registered and has no recent readings.");
    }

    private static async Task<IResult> ForgetAsync(
        IStore store,
        AuditTrail audit,
        ClaimsPrincipal user,
        [FromRoute(Name = "sensor_id")] string sensorId,
        string[]? sensor,
        CancellationToken cancellationToken)
    {
        var wanted = await ApiQuery.SensorAsync(store.Names, sensorId, sensor, cancellationToken);
        if ((await store.Sensors.ForgetAsync([wanted.Id], cancellationToken)).Count > 0)
        {
            throw ApiQuery.NotFound($"Sensor {wanted} is unknown: it is not registered and has no alerts and no windows.");
        }

        await audit.WriteAsync(AccessActor.Of(user), AuditActions.SensorForget, $"{wanted}");
        return TypedResults.NoContent();
    }

    private static async Task<FleetSnapshot> ReadAsync(FleetView fleet, CancellationToken cancellationToken)
    {
        await fleet.ReadyAsync(cancellationToken);
        return fleet.Trouble is { } trouble && fleet.Current.At == 0
            ? throw new ApiException(StatusCodes.Status503ServiceUnavailable, trouble) { RetryAfter = 1 }
            : fleet.Current;
    }
}

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
/// <param name="IsPartial">Whether there are more sensors than the fleet shows, 100,000. GET /registry lists all registered ones.</param>
internal sealed record SensorPage(IReadOnlyList<SensorBody> Items, string? Next, bool HasMore, bool IsPartial);

/// <param name="LastReadingAt">Event time of the latest reading; null: unknown.</param>
/// <param name="Values">
/// Values by measurement: of declared ones those of the latest reading, null if it has none; of up to 64 others the last one of each.
/// </param>
/// <param name="OpenAlerts">Number of open alerts.</param>
/// <param name="DisplayName">The name that people see, of the registry; null: they see sensor_id.</param>
internal sealed record SensorBody(
    SensorRef SensorId,
    SensorCondition Condition,
    DateTime? LastReadingAt,
    IReadOnlyDictionary<string, double?> Values,
    int OpenAlerts,
    string? DisplayName,
    IReadOnlyDictionary<string, string> Tags,
    string? City,
    string? Station)
{
    public static SensorBody Of(SensorLine sensor, IReadOnlyList<string> measurements)
    {
        var values = new Dictionary<string, double?>(measurements.Count);
        for (var i = 0; i < measurements.Count; i++)
        {
            values[measurements[i]] = double.IsNaN(sensor.Values[i]) ? null : sensor.Values[i];
        }

        foreach (var (name, value) in sensor.Others)
        {
            values.TryAdd(name, value);
        }

        return new(
            sensor.Sensor,
            sensor.Condition,
            sensor.LastAt is { } at ? EpochTime.ToDateTime(at) : null,
            values,
            sensor.OpenAlerts,
            sensor.Entry?.DisplayName,
            sensor.Entry?.Tags ?? SensorTags.None,
            sensor.Entry?.City,
            sensor.Entry?.Station);
    }
}
