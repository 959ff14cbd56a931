using System.Security.Claims;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Access;
using GrainSensors.Web.Api.Description;
using GrainSensors.Web.Registry;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The entries of the sensor registry.</summary>
internal static class RegistryEndpoints
{
    /// <summary>A filter that few sensors match would read the whole registry in one request; the client continues from here.</summary>
    private const int MaxRead = 20_000;

    public static void MapRegistry(this IEndpointRouteBuilder api)
    {
        api.MapGet("/registry", ListAsync)
            .WithTags("Registry").WithName("GetEntries")
            .WithSummary("Lists registered sensors by id, and then by name")
            .WithDescription("If next is not null, pass it as cursor for the next page. A page may be short before the last one.")
            .WithMetadata(new Revalidated())
            .Takes(SensorListing.Described);
        api.MapGet("/registry/{sensor_id}", GetAsync)
            .WithTags("Registry").WithName("GetEntry").WithSummary("Returns the entry of a sensor")
            .WithMetadata(new Revalidated())
            .Takes(ApiParameter.SensorId, ApiParameter.Sensor)
            .ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPut("/registry/{sensor_id}", PutAsync)
            .WithTags("Registry").WithName("PutEntry")
            .WithSummary("Registers a sensor, or replaces its entry")
            .WithDescription(
                "Members that are absent are cleared. A registered sensor that never reports raises an alert. "
                + "Requires a key with the role admin.")
            .Changes().Produces<EntryBody>(StatusCodes.Status201Created);
        api.MapPatch("/registry/{sensor_id}", PatchAsync)
            .WithTags("Registry").WithName("PatchEntry")
            .WithSummary("Changes some members of an entry (RFC 7396)")
            .WithDescription(
                "Members that are absent stay as they are, and null clears a member, also in tags and overrides. "
                + "Requires a key with the role admin.")
            .Changes().ProducesProblem(StatusCodes.Status404NotFound);
        api.MapDelete("/registry/{sensor_id}", RemoveAsync)
            .WithTags("Registry").WithName("RemoveEntry")
            .WithSummary("Unregisters a sensor")
            .WithDescription(
                "A sensor that still reports is watched like any unregistered sensor. DELETE /sensors/{sensor_id} also clears its alerts "
                + "and dismisses it from the fleet. Requires a key with the role admin.")
            .Takes(ApiParameter.SensorId, ApiParameter.Sensor)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static RouteHandlerBuilder Changes(this RouteHandlerBuilder route) => route
        .Takes(ApiParameter.SensorId, ApiParameter.Sensor)
        .Accepts<EntryChange>("application/json", "application/merge-patch+json")
        .Produces<EntryBody>()
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    private static async Task<EntryPage> ListAsync(
        IStore store, [AsParameters] SensorListing listing, CancellationToken cancellationToken)
    {
        var (filter, most) = (listing.ToFilter(), listing.Most);
        var query = new RegistryQuery { After = listing.After, Tags = filter.Tags };
        var found = new List<EntryBody>();
        for (var read = 0; ; read += query.Limit)
        {
            var page = await store.Sensors.ReadAsync(query, cancellationToken);
            foreach (var entry in page.Where(entry => filter.Matches(entry.Sensor, entry)))
            {
                if (found.Count == most)
                {
                    return new(found, $"{found[^1].SensorId}", true);
                }

                found.Add(EntryBody.Of(entry));
            }

            if (page.Count < query.Limit)
            {
                return new(found, null, false);
            }

            query = query with { After = page[^1].Sensor };
            if (read >= MaxRead)
            {
                return new(found, $"{query.After}", true);
            }
        }
    }

    private static async Task<EntryBody> GetAsync(
        IStore store, [FromRoute(Name = "sensor_id")] string sensorId, string[]? sensor, CancellationToken cancellationToken)
    {
        var wanted = ApiQuery.Sensor(sensorId, sensor);
        var entry = await FindAsync(store, wanted, cancellationToken) ?? throw EntryRequest.NotRegistered(wanted);
        return EntryBody.Of(entry);
    }

    private static Task<IResult> PutAsync([AsParameters] EntryRequest request, CancellationToken cancellationToken) =>
        request.ReplaceAsync(cancellationToken);

    private static Task<IResult> PatchAsync([AsParameters] EntryRequest request, CancellationToken cancellationToken) =>
        request.ChangeAsync(cancellationToken);

    private static async Task<IResult> RemoveAsync(
        IStore store, FleetView fleet, AuditTrail audit, ClaimsPrincipal user,
        [FromRoute(Name = "sensor_id")] string sensorId, string[]? sensor, CancellationToken cancellationToken)
    {
        var wanted = ApiQuery.Sensor(sensorId, sensor);
        var id = (await store.Names.WithNumbersAsync([wanted], cancellationToken))[0].Id;
        if (id == SensorName.NoNumber || (await store.Sensors.RemoveAsync([id], cancellationToken)).Count > 0)
        {
            throw EntryRequest.NotRegistered(wanted);
        }

        fleet.ReadRegistrySoon();
        await audit.WriteAsync(AccessActor.Of(user), AuditActions.SensorRemove, $"{wanted}");
        return TypedResults.NoContent();
    }

    private static async Task<RegisteredSensor?> FindAsync(IStore store, SensorRef wanted, CancellationToken cancellationToken)
    {
        var id = (await store.Names.WithNumbersAsync([wanted], cancellationToken))[0].Id;
        return id == SensorName.NoNumber ? null : await store.Sensors.FindAsync(id, cancellationToken);
    }
}

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record EntryPage(IReadOnlyList<EntryBody> Items, string? Next, bool HasMore);
