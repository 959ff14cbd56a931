using GrainSensors.Storage.Windows;
using Orleans.Storage;

namespace GrainSensors.Grains.Alerts;

/// <summary>The state that a grain keeps in Orleans' grain storage. A write that has failed is made up for by the next one.</summary>
internal sealed class KeptState<T>(IPersistentState<T> state)
{
    private bool _isWritten = true;

    public T Value => state.State;

    /// <exception cref="InconsistentStateException">Another activation of the grain has written since.</exception>
    /// <exception cref="WindowStoreUnavailableException">The state could not be written.</exception>
    public async Task WriteAsync(bool hasChanged, CancellationToken cancellationToken)
    {
        _isWritten &= !hasChanged;
        if (_isWritten)
        {
            return;
        }

        try
        {
            await state.WriteStateAsync(cancellationToken);
        }
        catch (Exception e) when (e is not (InconsistentStateException or OperationCanceledException or OutOfMemoryException))
        {
            // The message of Orleans' exception holds the cause with its stack trace.
            var cause = e.InnerException ?? e;
            throw cause as WindowStoreUnavailableException
                ?? new($"The grain storage is unavailable: {cause.Message.ReplaceLineEndings(" ").TrimEnd('.')}.", e);
        }

        _isWritten = true;
    }
}
