namespace GrainSensors.Web.Access;

/// <summary>Path and fields of the form on the log-in page.</summary>
internal static class LogInForm
{
    public const string Path = "/login";

    public const string KeyField = "key";

    /// <summary>Path of the page that is opened after the log-in; also a query parameter of the page.</summary>
    public const string ReturnField = "return";
}
