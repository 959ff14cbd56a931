namespace GrainSensors.Storage.Windows;

/// <summary>What a window store keeps.</summary>
public sealed class WindowStoreOptions
{
    /// <summary>
    /// Windows that ended longer ago than this are removed by <see cref="IStore.MaintainAsync"/>. A day at least;
    /// <see cref="Timeout.InfiniteTimeSpan"/> keeps everything.
    /// </summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(400);

    internal bool KeepsEverything => Retention == Timeout.InfiniteTimeSpan;

    /// <exception cref="ArgumentException">With a sentence that names the option and the cure.</exception>
    internal void Validate()
    {
        if (!KeepsEverything && (Retention < TimeSpan.FromDays(1) || Retention > TimeSpan.FromDays(36_600)))
        {
            throw new ArgumentException($"The retention {Retention} is out of range; use 1 to 36600 days, or -1 ms to keep everything.");
        }
    }
}
