using GrainSensors.Core.Time;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage;
using GrainSensors.Storage.Windows;

namespace GrainSensors.Invocation;

/// <summary>Records what a command changed in the audit log of its store.</summary>
internal static class CommandAudit
{
    public static async Task RecordAsync(
        this IStore store, string action, string target, string? detail = null, CancellationToken cancellationToken = default)
    {
        var (name, address) = AuditActor.OfCommand;
        try
        {
            await store.Access.Audit.AddAsync(
                new(0, EpochTime.Now(TimeProvider.System), name, address, action, target, detail), cancellationToken);
        }
        catch (WindowStoreUnavailableException e)
        {
            // The change has been made; its exit code must not say otherwise.
            await Console.Error.WriteLineAsync($"The audit log was not written: {Cures.Describe(e)}");
        }
    }
}
