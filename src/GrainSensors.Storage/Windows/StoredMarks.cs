using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>The marks of a row as it stands in the table, which others may have written to as well.</summary>
internal static class StoredMarks
{
    /// <returns>No marks of a row without any: whoever made it by hand has seen nothing of a log.</returns>
    /// <exception cref="FormatException">It names the row and the cure.</exception>
    public static Marks Read(ReadOnlySpan<byte> bytes, int sensorId, long windowStart)
    {
        try
        {
            return bytes.IsEmpty ? Marks.Empty : Marks.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw new FormatException(
                $"the row of sensor {sensorId} and the window that starts at {EpochTime.ToIso8601(windowStart)}: {e.Message} "
                + "If it was damaged, delete it and let `reconcile` compute it again",
                e);
        }
    }
}
