using System.Text.Json;
using GrainSensors.Core.Text;
using GrainSensors.Grains.Alerts.Rules;
using GrainSensors.Hosting.Access;
using GrainSensors.Storage.Rules;
using GrainSensors.Web.Access;

namespace GrainSensors.Web.Changes;

/// <summary>Changes of rules, by the API or the console.</summary>
internal sealed class RuleChanges(RuleBook book, AuditTrail audit)
{
    /// <summary>Whom API and console allow the changes.</summary>
    public const string Policy = AccessPolicies.Admin;

    private const int MaxQuoted = 60;

    /// <summary>Adds a rule, or replaces it.</summary>
    /// <param name="expected">The version that the rule has; 0: the rule must be new; null: any.</param>
    /// <returns>The rule with its version, and whether it is new.</returns>
    /// <exception cref="ChangeRefusedException">The rule is invalid, or has another version.</exception>
    public async Task<(StoredRule Rule, bool IsNew)> PutAsync(
        AuditActor actor, string id, JsonElement json, long? expected, CancellationToken cancellationToken)
    {
        var (rule, change) = await ChangeRefusedException.GuardAsync(
            () => book.WriteAsync(id, json, expected, actor.Name, cancellationToken));
        RequireChanged(id, change);
        await audit.WriteAsync(actor, AuditActions.RuleSet, id, $"version {rule.Version}");
        return (rule, change.Before is null);
    }

    /// <param name="expected">The version that the rule has; null: any.</param>
    /// <returns>False if there is no such rule.</returns>
    /// <exception cref="ChangeRefusedException">The rule has another version.</exception>
    public async Task<bool> RemoveAsync(AuditActor actor, string id, long? expected, CancellationToken cancellationToken)
    {
        var change = await book.RemoveAsync(id, expected, cancellationToken);
        if (change is { Before: null, Version: null })
        {
            return false;
        }

        RequireChanged(id, change);
        await audit.WriteAsync(actor, AuditActions.RuleRemove, id);
        return true;
    }

    private static void RequireChanged(string id, RuleChange change)
    {
        if (change.Version is null)
        {
            throw new ChangeRefusedException(
                ChangeRefusal.OtherVersion,
                change.Before is { } version
                    ? $"The rule \"{PrintableText.Escape(id, MaxQuoted)}\" has version {version} by now; read it again."
                    : $"There is no rule \"{PrintableText.Escape(id, MaxQuoted)}\" any more.");
        }
    }
}
