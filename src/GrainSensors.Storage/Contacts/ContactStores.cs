namespace GrainSensors.Storage.Contacts;

/// <summary>The tables of contact points, of routes to them, of groups of alerts, and of notifications.</summary>
public sealed record ContactStores(
    IContactPointStore Points, IRouteStore Routes, IAlertGroupStore Groups, INotificationStore Notifications);
