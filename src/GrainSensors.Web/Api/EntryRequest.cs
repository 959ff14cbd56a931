using System.Security.Claims;
using System.Text.Json;
using System.Text.Unicode;
using GrainSensors.Core.Readings;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Names;
using GrainSensors.Storage.Sensors;
using GrainSensors.Web.Access;
using GrainSensors.Web.Registry;
using GrainSensors.Web.Views;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace GrainSensors.Web.Api;

/// <summary>A request that writes an entry of the registry.</summary>
internal sealed record EntryRequest(
    IStore Store,
    FleetView Fleet,
    EntryRules Rules,
    RequestBodies Bodies,
    AuditTrail Audit,
    ClaimsPrincipal User,
    HttpRequest Request,
    [FromRoute(Name = "sensor_id")] string SensorId,
    [FromQuery(Name = "sensor")] string[]? Sensor)
{
    public static ApiException NotRegistered(SensorRef wanted) => ApiQuery.NotFound(
        $"Sensor \"{ApiQuery.Quote($"{wanted}")}\" is not registered; PUT /api/v1/registry/{{sensor_id}} registers it.");

    /// <summary>Registers a sensor, or replaces its entry.</summary>
    public async Task<IResult> ReplaceAsync(CancellationToken cancellationToken)
    {
        var wanted = ApiQuery.Sensor(SensorId, Sensor);
        using var body = await ReadAsync(cancellationToken);
        var id = await NumberOfAsync(wanted, cancellationToken);
        var isKnown = id != SensorName.NoNumber && await Store.Sensors.FindAsync(id, cancellationToken) is not null;
        var entry = Apply(body.RootElement, wanted, new(wanted.Id) { Name = wanted.Name }, merges: false);
        var written = EntryBody.Of((await EntryRules.WriteAsync(Store, [entry], cancellationToken))[0]);
        await RecordAsync(wanted);
        return isKnown ? TypedResults.Ok(written) : TypedResults.Created((string?)null, written);
    }

    /// <summary>Changes some members of an entry. Of changes at the same time none is lost.</summary>
    public async Task<IResult> ChangeAsync(CancellationToken cancellationToken)
    {
        var wanted = ApiQuery.Sensor(SensorId, Sensor);
        using var body = await ReadAsync(cancellationToken);
        RegisteredSensor? changed = null;
        var id = await NumberOfAsync(wanted, cancellationToken);
        await Store.Sensors.ChangeAsync(
            id == SensorName.NoNumber ? [] : [id],
            known => [changed = Apply(body.RootElement, wanted, known.SingleOrDefault() ?? throw NotRegistered(wanted), merges: true)],
            cancellationToken);
        await RecordAsync(wanted);
        return TypedResults.Ok(EntryBody.Of(changed!));
    }

    /// <returns>The number of a name, or <see cref="SensorName.NoNumber"/>; an id as it is.</returns>
    private async Task<int> NumberOfAsync(SensorRef wanted, CancellationToken cancellationToken) =>
        (await Store.Names.WithNumbersAsync([wanted], cancellationToken))[0].Id;

    private async Task<JsonDocument> ReadAsync(CancellationToken cancellationToken)
    {
        var utf8 = await Bodies.ReadAsync(Request, cancellationToken);
        if (!Utf8.IsValid(utf8))
        {
            throw ApiQuery.Bad("The body is not UTF-8.");
        }

        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            throw ApiQuery.Bad($"The body is not valid JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }
    }

    private RegisteredSensor Apply(JsonElement body, SensorRef wanted, RegisteredSensor before, bool merges)
    {
        try
        {
            var entry = EntryPatch.Apply(body, before, merges);
            Rules.Check(entry, before);
            RequireSame(body, wanted);
            return entry;
        }
        catch (FormatException e)
        {
            throw ApiQuery.Bad(e.Message);
        }
    }

    private async Task RecordAsync(SensorRef wanted)
    {
        Fleet.ReadRegistrySoon();
        await Audit.WriteAsync(AccessActor.Of(User), AuditActions.SensorSet, $"{wanted}");
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
