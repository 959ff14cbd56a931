using System.Globalization;
using GrainSensors.Sources;
using GrainSensors.Sources.Configuration;
using GrainSensors.Sources.Messages;
using GrainSensors.Sources.Results;
using GrainSensors.Web.Access;
using GrainSensors.Web.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>
/// Accepts line protocol as InfluxDB does, so that its clients can send to a source. Parameters that do not matter are ignored.
/// </summary>
/// <remarks>
/// https://docs.influxdata.com/influxdb/v2/api/v2/, and for version 1 https://docs.influxdata.com/influxdb/v1/tools/api/
/// </remarks>
internal static class InfluxEndpoints
{
    private const string Nanoseconds = "ns";
    private static readonly string[] Precisions = [Nanoseconds, "us", "ms", "s"];

    public static void MapInflux(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(InfluxErrors.WritePath, (string? bucket, HttpRequest request, RequestBodies bodies, SourceIntake intake) =>
            WriteAsync(new("bucket", bucket), request, bodies, intake)).RequireAuthorization(AccessPolicies.Send).ExcludeFromDescription();
        routes.MapPost(InfluxErrors.WritePathOfVersion1, (string? db, HttpRequest request, RequestBodies bodies, SourceIntake intake) =>
            WriteAsync(new("db", db), request, bodies, intake)).RequireAuthorization(AccessPolicies.Send).ExcludeFromDescription();

        // Clients ask it whether the server is there, before they send.
        routes.MapMethods("/ping", [HttpMethods.Get, HttpMethods.Head], () => TypedResults.NoContent())
            .AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> WriteAsync(Target target, HttpRequest request, RequestBodies bodies, SourceIntake intake)
    {
        var sender = Sender.Of(request.HttpContext.User);
        var source = SourceOf(target, sender, intake);
        var precision = PrecisionOf(request.Query["precision"].ToString());
        var body = await bodies.ReadAsync(request, request.HttpContext.RequestAborted);
        if (body.Length == 0)
        {
            throw ApiQuery.Bad("The body is empty; send lines in InfluxDB line protocol.");
        }

        var payload = new SourcePayload(body).With(SourceMessage.PrecisionHeader, precision);
        var mapped = await intake.MapAsync(source, payload, sender, request.HttpContext.RequestAborted);
        if (mapped.Refusal is { } refusal)
        {
            throw Refused(refusal, mapped.Body);
        }

        await intake.ProduceAsync(source, payload);
        return mapped.Body.Rejected == 0 ? TypedResults.NoContent() : throw Partial(mapped.Body);
    }

    private static SourceOptions SourceOf(Target target, Sender sender, SourceIntake intake)
    {
        if (string.IsNullOrEmpty(target.Name))
        {
            throw ApiQuery.Bad($"{target.Parameter} is missing; it is the name of a source of the format influx.");
        }

        SendScopes.RequireSource(sender, target.Name);
        return intake.Find(target.Name) is { } source && SourceReader.FormatOf(source) == SourceFormat.Influx
            ? source
            : throw new ApiException(
                StatusCodes.Status404NotFound,
                $"{target.Parameter} \"{ApiQuery.Quote(target.Name)}\" not found: it must be the name of a source of the format influx"
                + $"{(sender.Scope is null ? $"; {intake.KnownOf(SourceFormat.Influx)}" : "")}.");
    }

    /// <summary>Version 1 has other names for two units, and InfluxDB counts in nanoseconds without one.</summary>
    private static string PrecisionOf(string text) => text switch
    {
        "" or "n" => Nanoseconds,
        "u" => "us",
        _ when Precisions.Contains(text) => text,
        _ => throw ApiQuery.Bad($"precision must be {string.Join(", ", Precisions)}; got \"{ApiQuery.Quote(text)}\"."),
    };

    /// <summary>A client divides a batch that is too large, and discards others that are refused.</summary>
    private static ApiException Refused(SourceRejectReason reason, MappedBody body) => new(
        reason is SourceRejectReason.TooLarge or SourceRejectReason.TooManyReadings
            ? StatusCodes.Status413PayloadTooLarge
            : StatusCodes.Status400BadRequest,
        $"unable to parse the lines: {body.Problems[0].Detail} Nothing was stored.");

    /// <summary>Clients look for the words "partial write", and do not send the good readings again.</summary>
    private static ApiException Partial(MappedBody body)
    {
        var first = body.Problems[0];
        return new(StatusCodes.Status400BadRequest, string.Create(
            CultureInfo.InvariantCulture,
            $"partial write: {body.Readings} of {body.Readings + body.Rejected} readings are stored, and the others are a dead letter, "
            + $"first reading {first.Index} ({first.Reason}): {first.Detail} dropped={body.Rejected}"))
        {
            Items = body.Problems,
        };
    }

    /// <param name="Parameter">The parameter that names the source.</param>
    private sealed record Target(string Parameter, string? Name);
}
