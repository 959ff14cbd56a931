using GrainSensors.Core.Readings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GrainSensors.Web.Api;

/// <summary>The measurements that the silo knows.</summary>
internal static class MeasurementsEndpoint
{
    public static void MapMeasurements(this IEndpointRouteBuilder api) => api.MapGet("/measurements", Get)
        .WithTags("Measurements").WithName("GetMeasurements")
        .WithSummary("Lists the declared measurements with their units and ranges, and then the discovered ones by name")
        .WithMetadata(new Revalidated());

    private static MeasurementList Get(MeasurementCatalog catalog) => new(
    [
        .. catalog.Declared.All.Select((measurement, index) => new MeasurementBody(
            measurement.Name,
            TextOf(measurement.Unit),
            TextOf(measurement.SentUnit),
            measurement.Min,
            measurement.Max,
            IsDeclared: true,
            IsPrimary: index == catalog.Declared.Primary)),
        .. catalog.Admitted.Order(StringComparer.Ordinal).Select(name => new MeasurementBody(
            name, TextOf(catalog.Declared.UnitOf(name)), null, null, null, IsDeclared: false, IsPrimary: false)),
    ]);

    private static string? TextOf(string unit) => unit.Length == 0 ? null : unit;
}

internal sealed record MeasurementList(IReadOnlyList<MeasurementBody> Items);

/// <param name="Name">The member of readings, and the name in windows, alerts and reports.</param>
/// <param name="Unit">The unit of the values; null: not known.</param>
/// <param name="SentUnit">The unit in which devices send the values, if they are converted.</param>
/// <param name="Min">The least plausible value; null: any.</param>
/// <param name="Max">The greatest plausible value; null: any.</param>
/// <param name="IsDeclared">Whether the configuration names the measurement; else it was found in readings.</param>
/// <param name="IsPrimary">Whether a reading without the measurement reports a disconnected probe.</param>
internal sealed record MeasurementBody(
    string Name, string? Unit, string? SentUnit, double? Min, double? Max, bool IsDeclared, bool IsPrimary);
