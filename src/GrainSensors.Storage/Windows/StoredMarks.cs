using GrainSensors.Core.Readings;
using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Parses the marks of a stored row, which may have been edited outside of this program.</summary>
internal static class StoredMarks
{
    /// <returns>The marks of the row; none for a row inserted by hand without marks.</returns>
    /// <exception cref="FormatException">The marks are damaged; the message names the row.</exception>
    public static Marks Read(ReadOnlySpan<byte> bytes, int sensorId, long windowStart)
    {
        try
        {
            return bytes.IsEmpty ? Marks.Empty : Marks.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw Damaged(e, sensorId, windowStart);
        }
    }

    /// <remarks>Whoever deletes the row needs the number of a name: names are not in the table.</remarks>
    public static FormatException Damaged(FormatException cause, int sensorId, long windowStart)
    {
        var sensor = SensorName.IsNumber(sensorId) ? $"sensor_id {sensorId} (a number in sensor_names)" : $"sensor {sensorId}";
        return new(
            $"the row of {sensor} and the window that starts at {EpochTime.ToIso8601(windowStart)}: {cause.Message} "
            + "Delete a damaged row and reconcile its range, which recomputes it",
            cause);
    }
}
