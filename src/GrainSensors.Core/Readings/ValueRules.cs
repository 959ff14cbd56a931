namespace GrainSensors.Core.Readings;

/// <summary>Which values of a reading count, whatever the form of its message.</summary>
internal static class ValueRules
{
    /// <summary>Whether a member is no measurement whatever its value.</summary>
    public static bool IsReserved(ReadOnlySpan<byte> name) => name.SequenceEqual("sensor_id"u8) || name.SequenceEqual("timestamp"u8);

    /// <param name="value">The value as it was sent; NaN: none was.</param>
    /// <returns>The value of a declared measurement as it is kept; NaN for none.</returns>
    public static double Judge(double value, Measurement measurement, out bool isValid)
    {
        var isMissing = double.IsNaN(value) || measurement.IsMissing(value);
        var kept = isMissing ? double.NaN : measurement.Keep(value);
        isValid = isMissing || measurement.Accepts(kept);
        return kept;
    }

    /// <param name="value">A number, or NaN for null.</param>
    /// <returns>Whether a member that is not declared is a measurement.</returns>
    public static bool TryTakeOther(
        MeasurementCatalog catalog, ReadOnlySpan<byte> name, double value, int limit, MessageValues values) =>
        Math.Abs(value) is not > DiscoveryRules.MaxValue
        && TryTakeOther(catalog, catalog.Table.Find(name), name, value, limit, values);

    /// <param name="known">The measurement, if the catalog has it.</param>
    /// <param name="limit">The most values of measurements that are not declared.</param>
    /// <returns>Whether a member that is not declared is a measurement.</returns>
    public static bool TryTakeOther(
        MeasurementCatalog catalog, KnownMeasurement? known, ReadOnlySpan<byte> name, double value, int limit, MessageValues values)
    {
        if (known is not { IsTaken: true } && !catalog.Discovery.Cover(name))
        {
            return false;
        }

        if (double.IsNaN(value))
        {
            values.Unset(known, name);
        }
        else if (known is { IsTaken: true })
        {
            values.SetDiscovered(known, value, limit);
        }
        else if (catalog.IsFull)
        {
            values.Drop(name);
        }
        else
        {
            values.SetNew(name, value, limit);
        }

        return true;
    }
}
