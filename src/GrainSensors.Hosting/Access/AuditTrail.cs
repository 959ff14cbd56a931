using GrainSensors.Core.Time;
using GrainSensors.Storage.Access;
using GrainSensors.Storage.Windows;
using Microsoft.Extensions.Logging;

namespace GrainSensors.Hosting.Access;

/// <summary>Records who did what: in the log, and in the store.</summary>
internal sealed partial class AuditTrail(IAuditStore store, TimeProvider clock, ILogger<AuditTrail> logger)
{
    /// <summary>An action does not wait longer than this for its entry.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="target">The changed object; empty: the action has none.</param>
    /// <param name="detail">Without secrets.</param>
    public async Task WriteAsync(AuditActor actor, string action, string target = "", string? detail = null)
    {
        LogAction(logger, action, target, actor.Name, actor.Address, detail);
        try
        {
            var entry = new AuditEntry(0, EpochTime.Now(clock), actor.Name, actor.Address, action, target, detail);

            // The action has happened, so its entry is written even when the client has gone.
            await store.AddAsync(entry, CancellationToken.None).WaitAsync(Patience, clock);
        }
        catch (Exception e) when (e is WindowStoreUnavailableException or TimeoutException)
        {
            LogNotStored(logger, action, actor.Name, e.Message);
        }
    }

    [LoggerMessage(4311, LogLevel.Information, "Audit: {Action} {Target} by {Actor} from {Address}; {Detail}")]
    private static partial void LogAction(ILogger logger, string action, string target, string actor, string address, string? detail);

    [LoggerMessage(4312, LogLevel.Warning, "The audit entry {Action} by {Actor} could not be stored: {Reason}")]
    private static partial void LogNotStored(ILogger logger, string action, string actor, string reason);
}

/// <summary>Who did something.</summary>
/// <param name="Name">Name of the access key or of the user.</param>
/// <param name="Address">Address of the client; name of the machine for a command.</param>
internal sealed record AuditActor(string Name, string Address)
{
    /// <summary>A user of the command line.</summary>
    public static AuditActor OfCommand { get; } = new(Environment.UserName, Environment.MachineName);

    /// <summary>A change of the configuration of a silo.</summary>
    public static AuditActor OfConfiguration { get; } = new("configuration", Environment.MachineName);
}
