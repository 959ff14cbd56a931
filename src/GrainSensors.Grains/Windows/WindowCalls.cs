using GrainSensors.Contracts.Windows;
using GrainSensors.Core.Windows;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Grains.Windows;

/// <summary>The calls of <see cref="IWindowGrain"/> without Orleans, on the windows of one activation.</summary>
/// <remarks>
/// Calls run one turn at a time, like those of a grain. Adds do not overlap each other; flushes and closes interleave with
/// them at every await.
/// </remarks>
/// <param name="newRowVersion">A random number for each written row.</param>
/// <param name="events">Null if closed windows are not announced.</param>
internal sealed class WindowCalls(SensorWindows windows, IWindowStore store, Func<long> newRowVersion, IWindowEvents? events = null)
{
    public SensorWindows Windows => windows;

    public WindowFlush Flush { get; } = new(windows, store, newRowVersion);

    /// <inheritdoc cref="IWindowGrain.Add"/>
    public async ValueTask<AddStatus> AddAsync(SourceId source, ReadingSlice readings, long previous, Guid life)
    {
        AddStatus status;
        while (!windows.TryAdd(source, readings, previous, life, out status))
        {
            if (!await store.LoadAsync(windows, windows.MissingFor(readings.Span)!))
            {
                // The offsets that proved the absence of a gap were discarded.
                return AddStatus.Gap;
            }
        }

        return status;
    }

    /// <inheritdoc cref="IWindowGrain.Flush"/>
    public ValueTask<long> FlushAsync(SourceId source, Guid life) => Flush.FlushAsync(source, life);

    /// <inheritdoc cref="IWindowGrain.Close"/>
    public ValueTask<bool> CloseAsync(SourceId source, long[] starts, long previous) =>
        new WindowClosing(windows, Flush, store, events).CloseAsync(source, starts, previous);
}
