using GrainSensors.Core.Time;
using GrainSensors.Core.Windows;

namespace GrainSensors.Storage.Windows;

/// <summary>Finds out whether the windows of version 0.1 can be moved to the layout of version 0.2.</summary>
/// <remarks>
/// Version 0.1 had a row for each measurement, and marks for each row. A program that stops writes its rows and then the checkpoint.
/// A row with readings beyond the checkpoint shows that it was killed: another measurement of the window may lack them, and one
/// mark for both would be wrong for one of them.
/// </remarks>
/// <param name="store">The name of the store in messages.</param>
internal sealed class UncleanStop(string store)
{
    private readonly Dictionary<SourceId, long> _ends = [];

    public void AddCheckpoint(SourceId source, long nextOffset) => _ends[source] = nextOffset;

    /// <exception cref="WindowStoreUnavailableException">The row has readings beyond the checkpoint.</exception>
    public void Check(ReadOnlySpan<byte> marks, int sensorId, long start)
    {
        foreach (var mark in StoredMarks.Read(marks, sensorId, start).ToArray())
        {
            if (_ends.TryGetValue(mark.Source, out var end) && mark.Offset >= end)
            {
                throw new WindowStoreUnavailableException(
                    $"The window store {store} was left by a grainsensors 0.1 that was killed: the window of sensor {sensorId} from "
                    + $"{EpochTime.ToIso8601(start)} has readings beyond the checkpoint. Start version 0.1 once more, stop it with "
                    + "SIGTERM, and then migrate.");
            }
        }
    }
}
