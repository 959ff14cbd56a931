using GrainSensors.Storage.Contacts;

namespace GrainSensors.Contacts.Outbox;

internal static class GroupTimes
{
    /// <returns>The group, which is looked at again when its first timer is due.</returns>
    public static AlertGroup WithNext(this AlertGroup group) =>
        group with { NextAt = new[] { group.DueAt, group.RepeatAt, group.StepAt }.Min() };
}
