namespace GrainSensors.Hosting.Status;

/// <summary>The latest reading of each sensor that a silo has taken, a column for each member.</summary>
/// <param name="SensorIds">Each once, in no order.</param>
/// <param name="Timestamps">µs since the epoch.</param>
/// <param name="Values">One after the other for each sensor, as many as there are measurements, in their order; NaN: none.</param>
[GenerateSerializer, Immutable, Alias("GrainSensors.LatestReport")]
internal sealed record LatestReport(
    [property: Id(0)] int[] SensorIds,
    [property: Id(1)] long[] Timestamps,
    [property: Id(2)] double[] Values);
