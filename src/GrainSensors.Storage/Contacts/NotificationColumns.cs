namespace GrainSensors.Storage.Contacts;

/// <summary>The columns of a notification in the order in which both stores read them, and the words of its states.</summary>
internal static class NotificationColumns
{
    public const string Names =
        "notification_id, contact, alert_id, occurrence, event, content, state, attempts, next_attempt_at, created_at, finished_at, "
        + "last_error, group_id";

    /// <returns>The condition for the messages <c>n</c> about an alert, alone or in a group.</returns>
    public static string OfAlert(string parameter) =>
        $"(n.alert_id = {parameter} OR n.group_id IN (SELECT m.group_id FROM alert_group_members AS m "
        + $"WHERE m.alert_id = {parameter} AND m.since <= n.occurrence))";

    public static string Word(NotificationState state) => state switch
    {
        NotificationState.Pending => "pending",
        NotificationState.Sent => "sent",
        _ => "dead",
    };

    public static NotificationState StateOf(string word) => word switch
    {
        "pending" => NotificationState.Pending,
        "sent" => NotificationState.Sent,
        _ => NotificationState.Dead,
    };
}
