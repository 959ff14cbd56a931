namespace GrainSensors.Web.Access;

/// <summary>Path and fields of the form on the log-in page.</summary>
internal static class LogInForm
{
    public const string Path = "/login";

    /// <summary>The path that sends a person to the identity provider.</summary>
    public const string ProviderPath = "/login/provider";

    public const string KeyField = "key";

    /// <summary>Path of the page that is opened after the log-in; also a query parameter of the page.</summary>
    public const string ReturnField = "return";
}
