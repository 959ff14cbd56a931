namespace GrainSensors.Hosting.Access;

/// <summary>The words of the actions in the audit log.</summary>
internal static class AuditActions
{
    public const string LogIn = "log-in";
    public const string LogInFailed = "log-in-failed";
    public const string LogOut = "log-out";
    public const string SessionEnd = "session-end";
    public const string KeyAdd = "key-add";
    public const string KeyRevoke = "key-revoke";
    public const string Acknowledge = "alert-acknowledge";
    public const string SilenceAdd = "silence-add";
    public const string SilenceEnd = "silence-end";
    public const string RuleSet = "rule-set";
    public const string RuleRemove = "rule-remove";
    public const string ContactSet = "contact-set";
    public const string ContactRemove = "contact-remove";
    public const string ContactTest = "contact-test";
    public const string RoutesSet = "routes-set";
    public const string RoutesRemove = "routes-remove";
    public const string NotificationRequeue = "notification-requeue";
    public const string DeadLetterRequeue = "dead-letter-requeue";
    public const string SensorSet = "sensor-set";
    public const string SensorImport = "sensor-import";
    public const string SensorRemove = "sensor-remove";
    public const string SensorForget = "sensor-forget";
}
