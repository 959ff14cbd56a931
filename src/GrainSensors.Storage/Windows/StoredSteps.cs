using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Parses the steps of a stored row, which may have been edited outside of this program.</summary>
internal static class StoredSteps
{
    /// <exception cref="FormatException">The steps are damaged; the message names the row.</exception>
    public static StepValues? Read(byte[]? bytes, int sensorId, long windowStart)
    {
        try
        {
            return bytes is null ? null : StepValues.Parse(bytes);
        }
        catch (FormatException e)
        {
            throw StoredMarks.Damaged(e, sensorId, windowStart);
        }
    }
}
