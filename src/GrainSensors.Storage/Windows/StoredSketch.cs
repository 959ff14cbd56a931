using GrainSensors.Core.Statistics;

namespace GrainSensors.Storage.Windows;

/// <summary>Parses the sketch of a stored measurement.</summary>
internal static class StoredSketch
{
    /// <returns>
    /// Null: there is none, or it has not the values of the statistics, because a program that knows no sketches wrote them, or it is
    /// damaged. Percentiles are unknown then.
    /// </returns>
    public static QuantileSketch? Read(byte[]? bytes, long count)
    {
        try
        {
            var sketch = bytes is null ? null : QuantileSketch.Parse(bytes);
            return sketch?.Count == count ? sketch : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
