using System.Runtime.ExceptionServices;

namespace GrainSensors.Storage.Sensors;

/// <summary>A change of entries, whose exception is the caller's and not the store's.</summary>
internal sealed class EntryUpdate(Func<IReadOnlyList<RegisteredSensor>, IReadOnlyCollection<RegisteredSensor>> change)
{
    private ExceptionDispatchInfo? _refusal;

    /// <returns>The entries to write; null: the change has thrown.</returns>
    public IReadOnlyCollection<RegisteredSensor>? TryApply(IReadOnlyList<RegisteredSensor> known)
    {
        try
        {
            return change(known);
        }
        catch (Exception e)
        {
            _refusal = ExceptionDispatchInfo.Capture(e);
            return null;
        }
    }

    /// <summary>Throws what the change has thrown.</summary>
    public void ThrowRefusal() => _refusal?.Throw();
}
