using System.Security.Claims;
using System.Text.Json;
using System.Text.Unicode;
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
    private const int DefaultLimit = 100;
    private const int MaxLimit = 1000;

    /// <summary>A filter that few sensors match would read the whole registry in one request; the client continues from here.</summary>
    private const int MaxRead = 20_000;

    public static void MapRegistry(this IEndpointRouteBuilder api)
    {
        api.MapGet("/registry", ListAsync)
            .WithTags("Registry").WithName("GetEntries")
            .WithSummary("Lists registered sensors by id, and then by name")
            .WithDescription("If next is not null, pass it as cursor for the next page. A page may be short before the last one.")
            .WithMetadata(new Revalidated())
            .Takes(
                ApiParameter.Tag,
                ApiParameter.Text,
                ApiParameter.Place,
                ApiParameter.Cursor,
                ApiParameter.Limit(DefaultLimit, MaxLimit));
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
        IStore store, string[]? tag, string? q, string? place, string? cursor, string? limit, CancellationToken cancellationToken)
    {
        var filter = ApiQuery.Filter(tag, q, place);
        var most = ApiQuery.Limit(limit, DefaultLimit, MaxLimit);
        var query = new RegistryQuery
        {
            After = string.IsNullOrEmpty(cursor) ? null : SensorRef.Parse(cursor) ?? throw ApiQuery.InvalidCursor(cursor),
            Tags = filter.Tags,
        };
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
        return await FindAsync(store, wanted, cancellationToken) is { } entry ? EntryBody.Of(entry) : throw NotRegistered(wanted);
    }

    private static Task<IResult> PutAsync(
        IStore store, FleetView fleet, EntryRules rules, RequestBodies bodies, AuditTrail audit, ClaimsPrincipal user, HttpRequest request,
        [FromRoute(Name = "sensor_id")] string sensorId, [FromQuery] string[]? sensor, CancellationToken cancellationToken) =>
        new Change(store, fleet, rules, bodies, audit, user, request).RunAsync(
            ApiQuery.Sensor(sensorId, sensor), (wanted, _) => new(wanted.Id) { Name = wanted.Name }, cancellationToken);

    private static Task<IResult> PatchAsync(
        IStore store, FleetView fleet, EntryRules rules, RequestBodies bodies, AuditTrail audit, ClaimsPrincipal user, HttpRequest request,
        [FromRoute(Name = "sensor_id")] string sensorId, [FromQuery] string[]? sensor, CancellationToken cancellationToken) =>
        new Change(store, fleet, rules, bodies, audit, user, request).RunAsync(
            ApiQuery.Sensor(sensorId, sensor), (wanted, known) => known ?? throw NotRegistered(wanted), cancellationToken);

    private static async Task<IResult> RemoveAsync(
        IStore store, FleetView fleet, AuditTrail audit, ClaimsPrincipal user,
        [FromRoute(Name = "sensor_id")] string sensorId, string[]? sensor, CancellationToken cancellationToken)
    {
        var wanted = ApiQuery.Sensor(sensorId, sensor);
        var id = (await store.Names.WithNumbersAsync([wanted], cancellationToken))[0].Id;
        if (id == SensorName.NoNumber || (await store.Sensors.RemoveAsync([id], cancellationToken)).Count > 0)
        {
            throw NotRegistered(wanted);
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

    private static ApiException NotRegistered(SensorRef wanted) => ApiQuery.NotFound(
        $"Sensor \"{ApiQuery.Quote($"{wanted}")}\" is not registered; PUT /api/v1/registry/{{sensor_id}} registers it.");

    /// <summary>A request that writes an entry.</summary>
    private sealed record Change(
        IStore Store, FleetView Fleet, EntryRules Rules, RequestBodies Bodies, AuditTrail Audit, ClaimsPrincipal User, HttpRequest Request)
    {
        /// <param name="before">Returns the entry that the body changes, from the present one.</param>
        public async Task<IResult> RunAsync(
            SensorRef wanted, Func<SensorRef, RegisteredSensor?, RegisteredSensor> before, CancellationToken cancellationToken)
        {
            var utf8 = await Bodies.ReadAsync(Request, cancellationToken);
            if (!Utf8.IsValid(utf8.Span))
            {
                throw ApiQuery.Bad("The body is not UTF-8.");
            }

            var known = await FindAsync(Store, wanted, cancellationToken);
            var initial = before(wanted, known);
            var entry = initial;
            try
            {
                using var body = JsonDocument.Parse(utf8);
                entry = EntryPatch.Apply(body.RootElement, entry, HttpMethods.IsPatch(Request.Method));
                Rules.Check(entry, initial);
                RequireSame(body.RootElement, wanted);
            }
            catch (JsonException e)
            {
                throw ApiQuery.Bad($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
            }
            catch (FormatException e)
            {
                throw ApiQuery.Bad(e.Message);
            }

            entry = (await EntryRules.WriteAsync(Store, [entry], cancellationToken))[0];
            Fleet.ReadRegistrySoon();
            await Audit.WriteAsync(AccessActor.Of(User), AuditActions.SensorSet, $"{wanted}");
            var written = EntryBody.Of(entry);
            return known is null ? TypedResults.Created((string?)null, written) : TypedResults.Ok(written);
        }

        /// <summary>A body that was read from another address would overwrite the wrong sensor.</summary>
        private static void RequireSame(JsonElement body, SensorRef wanted)
        {
            if (body.TryGetProperty("sensor_id", out var id) && SensorRef.Read(id)?.ToString() != wanted.ToString())
            {
                throw ApiQuery.Bad($"sensor_id must be that of the path, {wanted}; got {ApiQuery.Quote(id.GetRawText())}.");
            }
        }
    }
}

/// <param name="Next">The cursor of the next page; null: this page is the last one.</param>
internal sealed record EntryPage(IReadOnlyList<EntryBody> Items, string? Next, bool HasMore);
