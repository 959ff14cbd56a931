namespace GrainSensors.Storage.Contacts;

/// <summary>The columns of a notification in the order in which both stores read them, and the words of its states.</summary>
internal static class NotificationColumns
{
    public const string Names =
        "notification_id, contact, alert_id, occurrence, event, content, state, attempts, next_attempt_at, created_at, finished_at, "
        + "last_error";

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
